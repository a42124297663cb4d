# Checks a part of an evidence bundle (see BUNDLE.md) with Windows PowerShell 5.1 or PowerShell 7 and nothing else.
#
#     powershell -ExecutionPolicy Bypass -File verify.ps1 [-Folder PATH] [-Trust FINGERPRINT|FILE]
#
# PATH is the bundle, or a folder that holds nothing else; without it, the folder of this script. FINGERPRINT is that of the archive, as you received it by
# a separate channel: in 14 groups of four, or as 64 hexadecimal digits. FILE holds such, one a line; the
# archive must be one of them. A key may be given as well, and is named; it shows nothing, since whoever holds it can
# make another archive.
#
# It checks the manifests, that nothing was changed, added or left out, the receipts, and, with the ssh-keygen.exe of
# Windows, the signatures of the bundle and of every entry. It says NOT CHECKED of everything else: verify.html and
# verify.sh check all of it. It reads the bundle, writes only into a new folder for temporary files, and runs nothing
# that is in the bundle. What a newer version wrote is NOT UNDERSTOOD, which is no failure.
#
# Exit: 1 something was found; 2 wrong use; 3 nothing was found in what was checked, or it could not be checked, or understood. Never 0:
# that is not all that must hold.
param([string] $Folder = $PSScriptRoot, [string[]] $Trust = @())
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
function Shown([string] $text) { $text -replace '[^ -~]', '?' }
function Wrong([string] $text) { Write-Output ('WRONG USE: ' + (Shown $text)); exit 2 }
if (-not (Test-Path -LiteralPath $Folder -PathType Container)) { Wrong ($Folder + ' is no folder; a zip file has to be unpacked') }
# What systems leave in folders, and folders that they leave; compared without case.
$litterFiles = '.ds_store', '.localized', "icon`r", 'thumbs.db', 'ehthumbs.db', 'desktop.ini', '.directory'
$litterFolders = '__macosx', '.spotlight-v100', '.trashes', '.fseventsd', '.temporaryitems', '$recycle.bin', 'system volume information'
function IsLitter([IO.FileSystemInfo] $item) {
    $name = $item.Name.ToLowerInvariant()
    if ($item -is [IO.DirectoryInfo]) { return $litterFolders -ccontains $name }
    return $litterFiles -ccontains $name -or $name.StartsWith('._', [StringComparison]::Ordinal)
}
function IsBundle([string] $path) {
    [bool] @('bundle.json', 'tagmanifest-sha256.txt.sig' | Where-Object { Test-Path -LiteralPath ([IO.Path]::Combine($path, $_)) }).Count
}
$root = (Get-Item -LiteralPath $Folder -Force).FullName.TrimEnd('\', '/')
# The bundle may lie one folder deeper, if nothing else lies there.
if ($PSBoundParameters.ContainsKey('Folder') -and -not (IsBundle $root)) {
    $inside = @((Get-Item -LiteralPath $root -Force).GetFileSystemInfos() | Where-Object { -not (IsLitter $_) })
    if ($inside.Count -eq 1 -and $inside[0] -is [IO.DirectoryInfo] -and (IsBundle $inside[0].FullName)) { $root = $inside[0].FullName }
}
$script:failed = 0
$script:newer = 0

# Prints a finding; its code is that of FORMAT.md.
function Failed([string] $code, [string] $place, [string] $what) {
    $script:failed++
    Write-Output ('FOUND    {0} {1}: {2}' -f $code, ($place -replace '[^ -~]', '?'), $what)
}
function NotUnderstood([string] $code, [string] $place, [string] $what) {
    $script:newer++
    Write-Output ('NEWER    {0} {1}: {2}' -f $code, ($place -replace '[^ -~]', '?'), (Shown $what))
}
function Notice([string] $code, [string] $place, [string] $what) { Write-Output ('NOTICE   {0} {1}: {2}' -f $code, (Shown $place), $what) } # changes nothing
function EndNotUnderstood {
    Write-Output 'NOT UNDERSTOOD: a newer version of vouchsafe wrote a part of this bundle; nothing failed in what was checked.'
    Write-Output 'A newer version of vouchsafe can read it. Get that from a source of your own, never from whoever sent the bundle.'
    exit 3
}
function Parsed([string] $text) { try { ConvertFrom-Json -InputObject $text } catch { $null } }
# A text that is a member of an object in JSON; nothing where there is none.
function Member($object, [string] $name) {
    if ($object -is [psobject] -and $object.PSObject.Properties[$name] -and $object.PSObject.Properties[$name].Value -is [string]) { return $object.PSObject.Properties[$name].Value }
    ''
}
function IsNewer([string] $format, [string] $what) { $format -cmatch ('\Avouchsafe-' + $what + '/([2-9]|[1-9][0-9]{1,8})\z') }
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

# ---- What was given: fingerprints of archives, and keys ----
$base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
$given = New-Object 'System.Collections.Generic.List[string]'
$givenInHex = New-Object 'System.Collections.Generic.List[string]'
$keys = New-Object 'System.Collections.Generic.List[string]'
function Unhex([string] $text) {
    $bytes = New-Object byte[] ($text.Length / 2)
    for ($n = 0; $n -lt $bytes.Length; $n++) { $bytes[$n] = [Convert]::ToByte($text.Substring(2 * $n, 2), 16) }
    , $bytes
}
# The 32 bytes and 3 of their SHA-256.
function WithCheck([string] $fingerprint) { $fingerprint + (Hex (Hash (Unhex $fingerprint))).Substring(0, 6) }
# The form that is shown to people: 8 digits of base 32 for 5 bytes.
function PaperForm([string] $fingerprint) {
    $text = WithCheck $fingerprint
    $groups = for ($at = 0; $at -lt 70; $at += 10) {
        [long] $whole = [Convert]::ToInt64($text.Substring($at, 10), 16)
        $digits = ''
        for ($n = 0; $n -lt 8; $n++) { $digits = [string] $base32[[int] ($whole % 32)] + $digits; $whole = $whole -shr 5 }
        $digits.Substring(0, 4); $digits.Substring(4)
    }
    $groups -join '-'
}
# The 35 bytes in hex; nothing where one is no digit.
function FromPaper([string] $text) {
    $text = $text.ToUpperInvariant().Replace('O', '0').Replace('I', '1').Replace('L', '1')
    $result = ''
    for ($at = 0; $at -lt 56; $at += 8) {
        [long] $whole = 0
        foreach ($letter in $text.Substring($at, 8).ToCharArray()) {
            $digit = $base32.IndexOf($letter)
            if ($digit -lt 0) { return '' }
            $whole = $whole * 32 + $digit
        }
        $result += $whole.ToString('x10')
    }
    $result
}
# Notes what a text says; nothing, or what is wrong with it.
function Take([string] $text) {
    $joined = $text -replace '[ \t]', ''
    $bare = $joined.Replace('-', '')
    if ($bare -cmatch '\A[0-9A-Fa-f]{64}\z') { $given.Add($bare.ToLowerInvariant()); $givenInHex.Add($bare.ToLowerInvariant()); return '' }
    if ($bare -cmatch '\A[0-9A-Za-z]{56}\z' -and ($bytes = FromPaper $bare) -ne '') {
        if (-not (Same (WithCheck $bytes.Substring(0, 64)) $bytes)) { return ': the check characters do not fit: a character was read or typed wrongly' }
        $given.Add($bytes.Substring(0, 64))
        return ''
    }
    if ($joined -cmatch '\ASHA256:[A-Za-z0-9+/]{43}\z') { $keys.Add($joined); return '' }
    if ($text -cmatch '\A(?:ssh-ed25519[ \t]+([A-Za-z0-9+/]{68})|sk-ssh-ed25519@openssh\.com[ \t]+([A-Za-z0-9+/]{99}=))([ \t]|\z)') {
        $keys.Add('SHA256:' + [Convert]::ToBase64String((Hash ([Convert]::FromBase64String([string] $Matches[1] + [string] $Matches[2])))).TrimEnd('='))
        return ''
    }
    if ($text -cmatch '\A[!-*,-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\z') { $keys.Add($text); return '' }
    if ($bare -cmatch '\A[0-9A-Za-z]{50,70}\z') { return (': it has {0} characters; a fingerprint has 56, or 64 hexadecimal digits' -f $bare.Length) }
    ' is neither a fingerprint of an archive, nor a key, nor a file'
}
# Behind a fingerprint or a key, a name may stand in a line.
function WithoutName([string] $line) {
    $word = ($line -split '[ \t]', 2)[0]
    if ($line -cmatch '\A\S+[ \t]+namespaces="') { return $line }
    if ($word.Replace('-', '').Length -ge 56 -or $word -cmatch '\ASHA256:.{43}' -or $word -cmatch '\A[!-*,-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\z') { return $word }
    $line
}
foreach ($text in $Trust) {
    $text = $text.Trim()
    $why = Take $text
    if ($why -ceq '') { continue }
    # A secret that was pasted by mistake is not shown again.
    if ($text -clike '*PRIVATE KEY*') { Wrong ('a private key' + $why) }
    if ($why -clike ': the check*' -or $text -ceq '' -or -not (Test-Path -LiteralPath $text -PathType Leaf)) { Wrong ($text + $why) }
    if ((Get-Item -LiteralPath $text -Force).Length -gt 1048576) { Wrong ($text + ': it is larger than 1 MiB') }
    $number = 0; $lines = 0
    foreach ($line in [IO.File]::ReadAllLines((Get-Item -LiteralPath $text -Force).FullName)) {
        $number++
        $line = $line.Replace("`r", '').Trim()
        if ($line -ceq '' -or $line.StartsWith('#', [StringComparison]::Ordinal)) { continue }
        $lines++
        $why = Take (WithoutName $line)
        if ($why -cne '') { Wrong ('{0}, line {1}{2}' -f $text, $number, $why) }
    }
    if ($lines -eq 0) { Wrong ($text + ': there is no fingerprint and no key in this file') }
    if ($lines -gt 1000) { Wrong ($text + ': it has more than 1,000 lines') }
}
function Cannot([string] $text) { Write-Output ('COULD NOT BE CHECKED: ' + (Shown $text)); exit 3 }
if (-not (IsBundle $root)) {
    if (Test-Path -LiteralPath (Full 'bagit.txt')) { Cannot ($root + ': this is not a bundle of vouchsafe; it is a BagIt bag of another program: `bagit.py --validate FOLDER` checks it') }
    Cannot ($root + ': this is not a bundle of vouchsafe; give the folder in which bundle.json lies')
}
foreach ($name in 'tagmanifest-sha256.txt', 'manifest-sha256.txt') {
    if ((Test-Path -LiteralPath (Full $name) -PathType Leaf) -and -not ((Get-Item -LiteralPath (Full $name) -Force).Attributes -band [IO.FileAttributes]::ReparsePoint) -and
        (Text $name) -cmatch '\A([^\r\n]*\r\n)+\z') { Cannot ('its line ends were changed on the way (CR LF, in ' + $name + '); get it again as a zip file') }
}

# ---- Names: nothing is opened that is not a regular file with a safe name ----
$safe = '\A[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\z'
$there = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::Ordinal)
# What systems left, unless a manifest lists it: it is not looked at further.
$manifestLines = @('tagmanifest-sha256.txt', 'manifest-sha256.txt' | Where-Object { Test-Path -LiteralPath (Full $_) -PathType Leaf } | ForEach-Object { (Text $_).Split([char] 10) })
$inManifests = @($manifestLines | Where-Object { $_.Length -gt 66 } | ForEach-Object { $_.Substring(66) })
function IsListed([string] $name) { [bool] @($inManifests | Where-Object { (Same $_ $name) -or $_.StartsWith($name + '/', [StringComparison]::Ordinal) }).Count }
$folders = New-Object System.Collections.Stack
$folders.Push((Get-Item -LiteralPath $root -Force))
while ($folders.Count -gt 0) {
    foreach ($item in $folders.Pop().GetFileSystemInfos()) {
        $name = $item.FullName.Substring($root.Length + 1).Replace('\', '/')
        if ((IsLitter $item) -and -not (IsListed $name)) { Notice 'B210' $name 'a file that a system leaves in folders; not opened' }
        elseif ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) { Failed 'B102' $name 'a link; not opened' }
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
# What is larger is no stamp.
$stamp = 'tagmanifest-sha256.txt.tst'
$hasStamp = $there.Contains($stamp) -and (Get-Item -LiteralPath (Join-Path $root $stamp) -Force).Length -le 65536
foreach ($name in $there) {
    if ($listed.ContainsKey($name) -or ($hasStamp -and $name -ceq $stamp)) { continue }
    if ($name -cnotmatch '\Atagmanifest-sha256\.txt(\.sig|\.ed25519)?\z') { Failed 'B205' $name 'is in no manifest: it was added later' }
}
Write-Output ('{0} files are listed' -f $listed.Count)
# Of a bundle in a newer format, nothing else is known.
if ($listed.ContainsKey('bundle.json') -and $there.Contains('bundle.json')) {
    $format = Member (Parsed (Text 'bundle.json')) 'format'
    if (IsNewer $format 'bundle') {
        NotUnderstood 'B307' 'bundle.json' ('has the format ' + $format + ', which this script does not know')
        Write-Output ('NOT CHECKED: everything but the manifests: bundle.json has the format ' + $format + ', which this script does not know')
        if ($script:failed) { Write-Output 'FAILED: something is missing, was changed, or is not what it claims to be; see above.'; exit 1 }
        EndNotUnderstood
    }
}
# What later versions add: proof from outside, and parts of a bundle.
foreach ($name in 'anchors/', 'approvals/', 'records/', 'evidence/') {
    if (-not @($listed.Keys | Where-Object { $_.StartsWith($name, [StringComparison]::Ordinal) }).Count) { continue }
    if ($name -cmatch '\A(anchors|approvals)/') { Notice 'B211' $name 'lies where later versions put proof from outside: nothing in it was checked' }
    else { NotUnderstood 'B212' $name 'a part of a kind that this script does not know: its files were compared with the manifest, and what they say was not checked' }
}
if ($hasStamp) { Notice 'B211' $stamp 'lies where later versions put a time stamp: nothing in it was checked' }
foreach ($name in 'bundle.json', 'log/checkpoint', 'keys/allowed_signers', 'keys/log.vkey', 'tagmanifest-sha256.txt.sig') {
    if (-not $there.Contains($name)) { Failed 'B202' $name 'is missing'; Write-Output 'FAILED: this is not a whole bundle'; exit 1 }
}

# ---- The archive's fingerprint: the leaf hash of its first entry ----
$firstEntry = 'agents/0000000000.tlog-proof'
$fingerprint = ''
if ($there.Contains($firstEntry) -and (Text $firstEntry) -cmatch '\A[^\n]*\nextra ([A-Za-z0-9+/]+=*)\n') {
    try { $fingerprint = Hex (Hash ([byte[]] (@([byte] 0) + [Convert]::FromBase64String($Matches[1])))) } catch { }
}
# Nobody can make an archive whose fingerprint is almost another one: whoever gives it made a slip.
if ($fingerprint -and -not $given.Contains($fingerprint)) {
    foreach ($one in $givenInHex) {
        $others = @(0..63 | Where-Object { $one[$_] -cne $fingerprint[$_] }).Count
        if ($others -le 4) {
            Wrong ('{0} differs from the fingerprint of this archive in {1} digit{2}: probably a slip of the pen; compare it again' -f $one, $others, $(if ($others -eq 1) { '' } else { 's' }))
        }
    }
}
$description = Text 'bundle.json'
if (-not $fingerprint) { Failed 'B408' 'agents/0000000000.json' 'the first entry is missing' }
elseif ($description -cnotmatch ('"archive":"' + $fingerprint + '"')) { Failed 'B408' $firstEntry 'it is not the first entry that bundle.json names' }

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
# Lines by other witnesses may differ. The log's own is the same wherever it signs the same text (RFC 8032).
$logName, $logHash = (Text 'keys/log.vkey').Split([char] 43)[0, 1]
function IsOfLogKey([string] $line) {
    try { Same (Hex ([byte[]] [Convert]::FromBase64String($line.Substring($line.LastIndexOf(' ') + 1))[0..3])) $logHash } catch { $false }
}
$logLine = @($checkpoint.Split([char] 10) | Where-Object { $_.StartsWith($latin.GetString([byte[]] (0xe2, 0x80, 0x94, 0x20)) + $logName + ' ', [StringComparison]::Ordinal) -and (IsOfLogKey $_) })
function LeadsHere([string] $note) {
    if (Same $note $checkpoint) { return $true }
    $lines = @($note.Split([char] 10))
    return $note.StartsWith($checkpoint.Substring(0, $checkpoint.IndexOf("`n`n", [StringComparison]::Ordinal) + 2), [StringComparison]::Ordinal) -and
        $logLine.Count -gt 0 -and -not @($logLine | Where-Object { $lines -cnotcontains $_ })
}
# events: generated from their declaration
$knownEvents = 'archive.created', 'agent.added', 'agent.revoked', 'agent.changed', 'agent.rotated', 'agent.recovered', 'recovery.set',
    'log.key_changed', 'exhibit.ingested', 'exhibit.described', 'exhibit.noted', 'copy.issued', 'archive.verified', 'replica.made',
    'replica.lost', 'archive.repaired', 'bundle.exported', 'exhibit.exported', 'bundle.received', 'exhibit.received', 'transfer.offered',
    'transfer.accepted', 'transfer.refused', 'transfer.settled', 'gap.declared', 'custody.passed'
# end of what is generated
$entries = @{}; $actors = @{}
# Whom an entry about the archive that is not understood may have introduced is not known here.
$unclear = $false
# What one about an exhibit names is not known.
$mayNameMore = $false
# Letters of other archives that are here, and that entries name by which custody passed; and how many of these entries have
# one here, one that is withheld, and one that is not here though the other archive is named.
$letters = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::Ordinal)
$passed = @{ here = 0; withheld = 0; missing = 0 }
function TakeLetter([string] $base, [string] $name, [string] $committed) {
    $fields = ''
    if ($there.Contains($base + '.fields.json')) { $fields = Text ($base + '.fields.json') }
    $disclosed = [regex]::Matches($fields, '\["[0-9a-f]{32}","').Count
    if ($listed.ContainsKey($name) -and $there.Contains($name)) { [void] $letters.Add($name); $passed.here++ }
    elseif ($fields -cmatch '\["[0-9a-f]{32}","partner_archive",' -or $disclosed -ge [regex]::Matches($committed, '[0-9a-f]{64}').Count) { $passed.missing++ }
    else { $passed.withheld++ }
}
$passing = '"body":\{(?:"approvals":\[[^\]]*\],)?"bundle":"[0-9a-f]{64}","direction":"(?:in|out)","fields":\[([^\]]*)\],"letter":"([0-9a-f]{64})"(?:,"sealed":\{[^}]*\})?\},"event":"custody\.passed",'
foreach ($name in @($listed.Keys | Where-Object { $_ -cmatch '\A(agents|exhibits/X(-[0-9A-Z]{4}){4})/[0-9]{4,}\.json\z' })) {
    $base = $name.Substring(0, $name.Length - 5)
    if (-not $there.Contains($name) -or -not $there.Contains($base + '.tlog-proof')) { Failed 'B202' ($base + '.tlog-proof') 'it or its entry is missing'; continue }
    $receipt = Text ($base + '.tlog-proof')
    if ($receipt -cnotmatch '\Ac2sp\.org/tlog-proof@v1\nextra ([A-Za-z0-9+/]+=*)\nindex (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n') { Failed 'B402' ($base + '.tlog-proof') 'is not in its one form'; continue }
    $index = [uint64] $Matches[2]; $path = @($Matches[3].Split([char] 10) | Where-Object { $_ }); $head = $Matches[0].Length
    try { $line = [Convert]::FromBase64String($Matches[1]) } catch { Failed 'B402' ($base + '.tlog-proof') 'is not in its one form'; continue }
    if (-not (LeadsHere $receipt.Substring($head))) { Failed 'B402' ($base + '.tlog-proof') 'leads to another checkpoint' }
    if (-not (Leads (Hash ([byte[]] (@([byte] 0) + $line))) $index $path)) { Failed 'B402' ($base + '.tlog-proof') 'does not lead to the root' }
    $text = $latin.GetString($line)
    $at = $text.LastIndexOf(',"signatures":', [StringComparison]::Ordinal)
    $message = if ($at -ge 0) { $text.Substring(0, $at) + '}' } else { '' }
    if (-not (Same $message (Text $name)) -or $message.IndexOf('"index":' + $index + ',', [StringComparison]::Ordinal) -lt 0) { Failed 'B403' $name 'is not the entry in the receipt' }
    # The first entry says the name of the log; every other one, by the fingerprint, which archive it is of.
    $entry = Parsed $text
    $format = Member $entry 'format'; $kind = Member $entry 'event'
    # What PowerShell cannot read may be written in a way that this version does not know.
    if ($null -eq $entry) {
        NotUnderstood 'B409' $name 'its entry cannot be read here'
        if ($base.StartsWith('agents/', [StringComparison]::Ordinal)) { $unclear = $true } else { $mayNameMore = $true }
        continue
    }
    # Events about checkpoints, such as time stamps, change nothing of who may sign: one that is not known reaches no other entry.
    if ($kind -clike 'checkpoint.*' -and (Same $format 'vouchsafe-entry/1') -and $base.StartsWith('agents/', [StringComparison]::Ordinal) -and
        -not ($entry.PSObject.Properties['exhibit'] -or $entry.PSObject.Properties['record'])) {
        Notice 'B414' $name 'an entry about a checkpoint, such as a time stamp, whose event is not known here: what it says was not checked'
        $archive = Member $entry 'archive'; $actors[$base] = Member $entry 'actor'
    } elseif ((IsNewer $format 'entry') -or ((Same $format 'vouchsafe-entry/1') -and $knownEvents -cnotcontains $kind)) {
        NotUnderstood 'B409' $name ('the event ' + $kind + ' in the format ' + $format + ' is not known here')
        if ($base.StartsWith('agents/', [StringComparison]::Ordinal)) { $unclear = $true } else { $mayNameMore = $true }
        $archive = Member $entry 'archive'; $actors[$base] = Member $entry 'actor'
    } else {
        if ($entry.PSObject.Properties['body'] -and $entry.body -is [psobject] -and $entry.body.PSObject.Properties['sealed']) { NotUnderstood 'B412' $name 'is sealed, and this script does not open what is sealed' }
        $actors[$base] = if ($message -cmatch '\A\{"actor":"([^"]*)"') { $Matches[1] } else { '' }
        $archive = if ($message -cmatch '\A\{"actor":"[^"]*","archive":"([0-9a-f]{64})",') { $Matches[1] } else { '' }
        if (Same $kind 'custody.passed') {
            if ($message -cmatch $passing) { TakeLetter $base ('letters/' + $Matches[2] + '.json') $Matches[1] }
            else { Failed 'B402' ($base + '.tlog-proof') 'its entry is not in its one form' }
        }
    }
    if ($fingerprint -and -not (Same $archive $(if ($index -eq 0) { '' } else { $fingerprint }))) { Failed 'B402' ($base + '.tlog-proof') 'is of another archive' }
    $entries[$base] = $message
}
Write-Output ('{0} entries' -f $entries.Count)
foreach ($name in $letters) {
    if (-not (Same ('letters/' + (FileDigest $name) + '.json') $name)) { Failed 'B605' $name 'is not the letter that the entry names' }
}
foreach ($name in @($listed.Keys | Where-Object { $_ -cmatch '\Aletters/[0-9a-f]{64}\.json\z' })) {
    if (-not $mayNameMore -and $there.Contains($name) -and -not $letters.Contains($name)) { Failed 'B206' $name 'no entry names this letter: nothing in it is believed' }
}

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
$allowed = (Text 'keys/allowed_signers').Split([char] 10)
$agents = @($allowed | ForEach-Object { $_.Split([char] 32)[0] })
$fido = @($allowed | Where-Object { $_ -clike '* sk-ssh-ed25519@openssh.com *' } | ForEach-Object { $_.Split([char] 32)[0] })
$signer = if ($description -cmatch '"signer":"([^"]*)"') { $Matches[1] } else { '' }
if ($tool) {
    if ($unclear -and $agents -cnotcontains $signer) { NotUnderstood 'B410' 'bundle.json' ('the key ' + $signer + ', which signed the bundle, is not known') }
    elseif (-not (Holds $signer 'vouchsafe-bundle@1' 'tagmanifest-sha256.txt' 'tagmanifest-sha256.txt.sig')) { Failed 'B303' 'tagmanifest-sha256.txt.sig' 'does not hold' }
    foreach ($base in $entries.Keys) {
        $actor = $actors[$base]
        # ssh-keygen does not ask whether somebody touched such a key, and that of an older Windows does not know it.
        if ($fido -ccontains $actor) { Write-Output ('NOT CHECKED: {0}.json.sig: a signature by a FIDO key' -f $base); continue }
        if ($unclear -and $agents -cnotcontains $actor) { NotUnderstood 'B410' ($base + '.json.sig') ('the key ' + $actor + ' is not known'); continue }
        if (-not $there.Contains($base + '.json.sig') -or -not (Holds $actor 'vouchsafe-entry@1' ($base + '.json') ($base + '.json.sig'))) { Failed 'B405' ($base + '.json.sig') 'does not hold' }
    }
} else { Write-Output 'NOT CHECKED: all signatures (ssh-keygen is not here; it comes with the OpenSSH client of Windows)' }

# ---- What was given from outside ----
$administrator = if ($description -cmatch '"administrator":"(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) ([A-Za-z0-9+/]{68,99}=?)"') {
    'SHA256:' + [Convert]::ToBase64String((Hash ([Convert]::FromBase64String($Matches[1])))).TrimEnd('=')
} else { '?' }
$logKey = (Text 'keys/log.vkey').TrimEnd([char] 10)
$shownFingerprint = if ($fingerprint) { PaperForm $fingerprint } else { '?' }
Write-Output ('fingerprint   {0}' -f $shownFingerprint), ('administrator {0}' -f $administrator), ('log key       {0}' -f $logKey)
if ($given.Count -gt 0 -and $fingerprint -and -not $given.Contains($fingerprint)) {
    Failed 'B305' 'bundle.json' ('its fingerprint is ' + $shownFingerprint + ', which was not given from outside')
}
Write-Output 'NOT CHECKED: the signature of the checkpoint, who was allowed to sign and until when, second signatures, approvals,'
Write-Output '             recovery, changes of the log key, histories, fields, whether the first entry introduces these keys.'
Write-Output '             verify.html and verify.sh check all of this; and the histories in other archives (foreign/), which verify.html checks.'
function Entries([int] $count) { if ($count -eq 1) { '1 entry says' } else { '{0} entries say' -f $count } }
if ($passed.here) { Write-Output ('NOT CHECKED: that custody passed, as {0}: the letters of the other archives are in letters/. verify.html and vouchsafe-check read them.' -f (Entries $passed.here)) }
if ($passed.withheld) { Write-Output ('NOT CHECKED: that custody passed, as {0}: the letter of the other archive, which would prove it, is withheld' -f (Entries $passed.withheld)) }
if ($passed.missing) { Write-Output ('NOT CHECKED: that custody passed, as {0}: the word of one side; the letter of the other archive, which would prove it, is not here' -f (Entries $passed.missing)) }
if ($given.Count -eq 0) {
    Write-Output 'NOT CHECKED: whose archive this is: no fingerprint from outside was given, so the bundle can only be shown to agree with itself'
}
foreach ($key in $keys) {
    $what = if (Same $key $logKey) { "is the key of this archive's log" }
    elseif (Same $key $administrator) { "is the key of this archive's first administrator" }
    elseif ($agents -ccontains $key) { 'is the key of an agent of this archive' }
    else { 'is no key that this bundle shows' }
    Write-Output ('NOT CHECKED: {0} {1}: a key is no anchor, since whoever holds it can make another archive' -f $key, $what)
}
if ($script:failed) { Write-Output 'FAILED: something is missing, was changed, or is not what it claims to be; see above.'; exit 1 }
elseif ($script:newer) { EndNotUnderstood }
elseif ($given.Count -gt 0) { Write-Output 'NOTHING FOUND in what was checked, and the fingerprint is one that you gave. This is not all that must hold.' }
else { Write-Output 'UNVERIFIABLE: nothing was found in what was checked, but no fingerprint was given from elsewhere (-Trust).' }
exit 3
