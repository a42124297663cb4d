#!/usr/bin/env python3
"""Takes the parts of the Noto fonts that the report on paper embeds: what NanumGothic lacks of the letters below.

Needs fonttools, NotoSansCJKjp-Regular.otf and the variable NotoSans (https://github.com/notofonts):
    parts.py NotoSansCJKjp-Regular.otf 'NotoSans[wght].ttf'
"""

import gzip
import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent


def characters(encoding, first=0x81, last=(0xFE, 0xFE)):
    """The characters of two bytes of an encoding, up to the last pair."""
    found = set()
    for high in range(first, last[0] + 1):
        for low in range(0x40, 0xFF):
            try:
                text = bytes([high, low]).decode(encoding)
            except UnicodeDecodeError:
                continue
            if len(text) == 1 and (high, low) <= last:
                found.add(ord(text))
    return found


def take(font, wanted, name):
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE", "DSIG", "STAT", "MVAR", "meta"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted & set(font.getBestCmap()))
    subsetter.subset(font)
    unpacked = io.BytesIO()
    font.save(unpacked)
    (HERE / name).write_bytes(gzip.compress(unpacked.getvalue(), 9, mtime=0))
    return set(font.getBestCmap())


def main(cjk, latin):
    have = set(TTFont(gzip.open(HERE / "NanumGothic.ttf.gz")).getBestCmap())
    letters = set(range(0xA0, 0x250)) | set(range(0x1E00, 0x1F00))
    signs = set(range(0x2000, 0x2070)) | set(range(0x20A0, 0x20C0)) | set(range(0x2C60, 0x2C80))
    kana = set(range(0x3000, 0x3130)) | set(range(0x31F0, 0x3200)) | set(range(0xFF00, 0xFFF0))
    chinese = characters("gb2312")
    japanese = characters("shift_jis", 0x88, (0x98, 0x9E))
    have |= take(TTFont(cjk), (chinese | japanese | letters | signs | kana) - have, "NotoSansCJKjp-part.otf.gz")
    font = TTFont(latin)
    regular = {axis.axisTag: 400 if axis.axisTag == "wght" else 100 for axis in font["fvar"].axes}
    font = instancer.instantiateVariableFont(font, regular)
    take(font, (letters | set(range(0x400, 0x530))) - have, "NotoSans-part.ttf.gz")


if __name__ == "__main__":
    main(*sys.argv[1:])
