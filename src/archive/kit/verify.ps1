# Checks a part of an evidence bundle (see BUNDLE.md) with Windows PowerShell 5.1 or PowerShell 7 and nothing else.
#
#     powershell -ExecutionPolicy Bypass -File verify.ps1 [-Folder PATH] [-Trust KEY]
#
# PATH is the bundle; without it, the folder of this script. KEY is the archive's fingerprint (SHA256:...) or log key,
# as you received it by another road than the bundle.
#
# It checks the manifests, that nothing was changed, added or left out, the receipts, and, with the ssh-keygen.exe of
# Windows, the signatures of the bundle and of every entry. It says NOT CHECKED of everything else: verify.html and
# verify.sh check all of it. It reads the bundle, writes only into a new folder for temporary files, and runs nothing
# that is in the bundle.
#
# Exit: 1 something was found; 2 wrong use; 3 nothing was found in what was checked. Never 0: that is not all that must
# hold.
param([string] $Folder = $PSScriptRoot, [string] $Trust = '')
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
if (-not (Test-Path -LiteralPath $Folder -PathType Container)) { Write-Output 'usage: verify.ps1 [-Folder PATH] [-Trust KEY]'; exit 2 }
$root = (Get-Item -LiteralPath $Folder -Force).FullName.TrimEnd('\', '/')
$script:failed = 0

# Prints a finding; its code is that of FORMAT.md.
function Failed([string] $code, [string] $place, [string] $what) {
    $script:failed++
    Write-Output ('FOUND    {0} {1}: {2}' -f $code, ($place -replace '[^ -~]', '?'), $what)
}
function Full([string] $name) { [IO.Path]::Combine($root, $name.Replace('/', [IO.Path]::DirectorySeparatorChar)) }
function Bytes([string] $name) { , [IO.File]::ReadAllBytes((Full $name)) }
# A letter for each byte, so that nothing is lost; and compared letter by letter, which -ceq does not do.
$latin = [Text.Encoding]::GetEncoding(28591)
function Text([string] $name) { $latin.GetString((Bytes $name)) }
function Same([string] $one, [string] $other) { [string]::Equals($one, $other, [StringComparison]::Ordinal) }
$sha = [Security.Cryptography.SHA256]::Create()
function Hex([byte[]] $bytes) { [BitConverter]::ToString($bytes).Replace('-', '').ToLowerInvariant() }
function FileDigest([string] $name) {
    $stream = [IO.File]::OpenRead((Full $name))
    try { Hex $sha.ComputeHash($stream) } finally { $stream.Dispose() }
}
function Hash([byte[]] $bytes) { , $sha.ComputeHash($bytes) }

# ---- Names: nothing is opened that is not a regular file with a safe name ----
$safe = '\A[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\z'
$there = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::Ordinal)
$folders = New-Object System.Collections.Stack
$folders.Push((Get-Item -LiteralPath $root -Force))
while ($folders.Count -gt 0) {
    foreach ($item in $folders.Pop().GetFileSystemInfos()) {
        $name = $item.FullName.Substring($root.Length + 1).Replace('\', '/')
        if ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) { Failed 'B102' $name 'a link; not opened' }
        elseif ($name -cnotmatch $safe -or $name.Length -gt 100) { Failed 'B101' $name 'a name that may not be in a bundle; not opened' }
        elseif ($item -is [IO.DirectoryInfo]) { $folders.Push($item) }
        else { [void] $there.Add($name) }
    }
}

# ---- Manifests ----
$listed = New-Object 'System.Collections.Generic.Dictionary[string,string]' ([StringComparer]::Ordinal)
$folded = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::OrdinalIgnoreCase)
foreach ($manifest in 'tagmanifest-sha256.txt', 'manifest-sha256.txt') {
    if (-not $there.Contains($manifest)) { Failed 'B202' $manifest 'is missing'; Write-Output 'FAILED: this is not a whole bundle'; exit 1 }
    $before = ''
    $text = Text $manifest
    if ($text -cnotmatch '\n\z') { Failed 'B201' $manifest 'does not end with a line feed' }
    foreach ($line in ($text -replace '\n\z', '').Split([char] 10)) {
        if ($line -cnotmatch '\A([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,100})\z') { Failed 'B201' $manifest 'a line is not in its one form'; continue }
        $digest = $Matches[1]; $name = $Matches[2]
        $isPayload = $name.StartsWith('data/', [StringComparison]::Ordinal)
        if ($name -cnotmatch $safe -or $isPayload -ne ($manifest -ceq 'manifest-sha256.txt') -or $name.StartsWith('tagmanifest-', [StringComparison]::Ordinal) -or
            [string]::CompareOrdinal($before, $name) -ge 0) { Failed 'B201' $manifest ('out of place: ' + $name); continue }
        if (-not $folded.Add($name)) { Failed 'B103' $name 'twice, but for the case of letters' }
        $listed[$name] = $digest
        $before = $name
    }
}
foreach ($name in $listed.Keys) {
    $isAid = $name -cmatch '\A((report|metadata)/.*|README-VERIFY\.txt|verify\.(sh|ps1|html)|(FORMAT|BUNDLE)\.md)\z'
    if (-not $there.Contains($name)) { Failed $(if ($isAid) { 'B207' } else { 'B202' }) $name 'is missing' }
    elseif (-not (Same (FileDigest $name) $listed[$name])) { Failed $(if ($isAid) { 'B208' } else { 'B203' }) $name 'was changed' }
}
foreach ($name in $there) {
    if (-not $listed.ContainsKey($name) -and $name -cnotmatch '\Atagmanifest-sha256\.txt(\.sig|\.ed25519)?\z') { Failed 'B205' $name 'is in no manifest: it was added later' }
}
Write-Output ('{0} files are listed' -f $listed.Count)
foreach ($name in 'bundle.json', 'log/checkpoint', 'keys/allowed_signers', 'keys/log.vkey', 'tagmanifest-sha256.txt.sig') {
    if (-not $there.Contains($name)) { Failed 'B202' $name 'is missing'; Write-Output 'FAILED: this is not a whole bundle'; exit 1 }
}

# ---- Receipts: from each entry up to the root of the checkpoint (RFC 9162, section 2.1.3.2) ----
$checkpoint = Text 'log/checkpoint'
if ($checkpoint -cnotmatch '\A([!-~]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n\n') { Failed 'B401' 'log/checkpoint' 'is not in its one form'; exit 1 }
$size = [uint64] $Matches[2]; $rootHash = $Matches[3]
function Leads([byte[]] $leaf, [uint64] $place, [string[]] $path) {
    if ($place -ge $size) { return $false }
    $last = $size - 1; $node = $leaf
    foreach ($text in $path) {
        if ($last -eq 0) { return $false }
        $beside = [Convert]::FromBase64String($text)
        if (($place % 2) -eq 1 -or $place -eq $last) {
            $node = Hash ([byte[]] (@([byte] 1) + $beside + $node))
            while (($place % 2) -eq 0 -and $place -ne 0) { $place = [uint64] [Math]::Floor([decimal] $place / 2); $last = [uint64] [Math]::Floor([decimal] $last / 2) }
        } else { $node = Hash ([byte[]] (@([byte] 1) + $node + $beside)) }
        $place = [uint64] [Math]::Floor([decimal] $place / 2); $last = [uint64] [Math]::Floor([decimal] $last / 2)
    }
    return ($last -eq 0) -and (Same ([Convert]::ToBase64String($node)) $rootHash)
}
$entries = @{}
foreach ($name in @($listed.Keys | Where-Object { $_ -cmatch '\A(agents|exhibits/X(-[0-9A-Z]{4}){4})/[0-9]{4,}\.json\z' })) {
    $base = $name.Substring(0, $name.Length - 5)
    if (-not $there.Contains($name) -or -not $there.Contains($base + '.tlog-proof')) { Failed 'B202' ($base + '.tlog-proof') 'it or its entry is missing'; continue }
    $receipt = Text ($base + '.tlog-proof')
    if ($receipt -cnotmatch '\Ac2sp\.org/tlog-proof@v1\nextra ([A-Za-z0-9+/]+=*)\nindex (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n') { Failed 'B402' ($base + '.tlog-proof') 'is not in its one form'; continue }
    $index = [uint64] $Matches[2]; $path = @($Matches[3].Split([char] 10) | Where-Object { $_ }); $head = $Matches[0].Length
    try { $line = [Convert]::FromBase64String($Matches[1]) } catch { Failed 'B402' ($base + '.tlog-proof') 'is not in its one form'; continue }
    if (-not (Same $receipt.Substring($head) $checkpoint)) { Failed 'B402' ($base + '.tlog-proof') 'leads to another checkpoint' }
    if (-not (Leads (Hash ([byte[]] (@([byte] 0) + $line))) $index $path)) { Failed 'B402' ($base + '.tlog-proof') 'does not lead to the root' }
    $text = $latin.GetString($line)
    $at = $text.IndexOf(',"signatures":', [StringComparison]::Ordinal)
    $message = if ($at -ge 0) { $text.Substring(0, $at) + '}' } else { '' }
    if (-not (Same $message (Text $name)) -or $message.IndexOf('"index":' + $index + ',', [StringComparison]::Ordinal) -lt 0) { Failed 'B403' $name 'is not the entry in the receipt' }
    $entries[$base] = $message
}
Write-Output ('{0} entries' -f $entries.Count)

# ---- Signatures, with ssh-keygen ----
$tool = Get-Command ssh-keygen -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
# Redirecting through cmd keeps the bytes as they are; all names were found safe, and the identity is checked here.
function Holds([string] $id, [string] $namespace, [string] $name, [string] $signature) {
    if ($id -cnotmatch '\ASHA256:[A-Za-z0-9+/]{43}\z') { return $false }
    $start = New-Object Diagnostics.ProcessStartInfo
    $start.FileName = $tool.Source
    $start.Arguments = '-Y verify -f keys/allowed_signers -I {0} -n {1} -s {2}' -f $id, $namespace, $signature
    $start.WorkingDirectory = $root
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true; $start.RedirectStandardOutput = $true; $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $content = Bytes $name
    try { $process.StandardInput.BaseStream.Write($content, 0, $content.Length) } catch { }
    $process.StandardInput.Close()
    [void] $process.StandardOutput.ReadToEnd(); [void] $process.StandardError.ReadToEnd()
    $process.WaitForExit()
    return $process.ExitCode -eq 0
}
$description = Text 'bundle.json'
$signer = if ($description -cmatch '"signer":"([^"]*)"') { $Matches[1] } else { '' }
if ($tool) {
    if (-not (Holds $signer 'vouchsafe-bundle@1' 'tagmanifest-sha256.txt' 'tagmanifest-sha256.txt.sig')) { Failed 'B303' 'tagmanifest-sha256.txt.sig' 'does not hold' }
    foreach ($base in $entries.Keys) {
        $actor = if ($entries[$base] -cmatch '\A\{"actor":"([^"]*)"') { $Matches[1] } else { '' }
        if (-not $there.Contains($base + '.json.sig') -or -not (Holds $actor 'vouchsafe-entry@1' ($base + '.json') ($base + '.json.sig'))) { Failed 'B405' ($base + '.json.sig') 'does not hold' }
    }
} else { Write-Output 'NOT CHECKED: all signatures (ssh-keygen is not here; it comes with the OpenSSH client of Windows)' }

# ---- The key from outside ----
$administrator = if ($description -cmatch '"administrator":"ssh-ed25519 ([A-Za-z0-9+/]{68})"') {
    'SHA256:' + [Convert]::ToBase64String((Hash ([Convert]::FromBase64String($Matches[1])))).TrimEnd('=')
} else { '?' }
$logKey = (Text 'keys/log.vkey').TrimEnd([char] 10)
Write-Output ('administrator {0}' -f $administrator), ('log key       {0}' -f $logKey)
if ($Trust -and -not (Same $Trust $administrator) -and -not (Same $Trust $logKey)) { Failed 'B305' 'bundle.json' 'its keys are not the one that you gave' }
Write-Output 'NOT CHECKED: the signature of the checkpoint, who was allowed to sign, second signatures, histories, fields, whether'
Write-Output '             the first entry introduces these keys. verify.html and verify.sh check all of this; and the'
Write-Output '             histories in other archives (foreign/), which verify.html checks.'
if ($script:failed) { Write-Output 'FAILED: something is missing, was changed, or is not what it claims to be; see above.'; exit 1 }
elseif ($Trust) { Write-Output 'NOTHING FOUND in what was checked, and the key is the one that you gave. This is not all that must hold.' }
else { Write-Output 'UNVERIFIABLE: nothing was found in what was checked, but no key was given from elsewhere (-Trust).' }
exit 3
