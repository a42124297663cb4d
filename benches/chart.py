"""Draws panels of lines on two logarithmic axes as one SVG, without any library."""

import math
from dataclasses import dataclass
from html import escape

COLOURS = ["#0b5394", "#b45f06", "#38761d", "#990000", "#674ea7", "#134f5c", "#7f6000", "#a64d79", "#333333", "#3d85c6"]
WIDTH, HEIGHT = 620, 460
LEFT, RIGHT, TOP, BOTTOM = 62, 190, 50, 56
LABEL_GAP = 17


@dataclass
class Panel:
    """Lines by name; each gives a value for each number."""

    title: str
    unit: str
    lines: dict


def plain(number):
    if number >= 1:
        return f"{number:,.0f}"
    return f"{number:g}"


def powers(values):
    """The powers of ten that an axis runs between; two at least."""
    first = math.floor(math.log10(min(values)))
    return first, max(math.ceil(math.log10(max(values))), first + 1)


class Axes:
    """Where numbers lie in a panel."""

    def __init__(self, panel, left):
        numbers = [number for line in panel.lines.values() for number in line]
        values = [value for line in panel.lines.values() for value in line.values()]
        self.left, self.right = left + LEFT, left + WIDTH - RIGHT
        self.top, self.bottom = TOP, HEIGHT - BOTTOM
        self.across, self.up = powers(numbers), powers(values)

    def x(self, number):
        first, last = self.across
        return self.left + (math.log10(number) - first) / (last - first) * (self.right - self.left)

    def y(self, value):
        first, last = self.up
        return self.bottom - (math.log10(value) - first) / (last - first) * (self.bottom - self.top)

    def grid(self):
        for power in range(self.across[0], self.across[1] + 1):
            x = self.x(10**power)
            yield f'<line x1="{x:.1f}" y1="{self.top}" x2="{x:.1f}" y2="{self.bottom}" stroke="#d9d9d9"/>'
            yield f'<text x="{x:.1f}" y="{self.bottom + 20}" text-anchor="middle">{plain(10**power)}</text>'
        for power in range(self.up[0], self.up[1] + 1):
            y = self.y(10.0**power)
            yield f'<line x1="{self.left}" y1="{y:.1f}" x2="{self.right}" y2="{y:.1f}" stroke="#d9d9d9"/>'
            yield f'<text x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end">{plain(10.0**power)}</text>'


def spread(wanted, top, bottom):
    """Places for labels, as near as may be to where they are wanted, none over another."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    places = dict.fromkeys(order, 0.0)
    last = top - LABEL_GAP
    for number in order:
        last = places[number] = max(wanted[number], last + LABEL_GAP)
    below = bottom + LABEL_GAP
    for number in reversed(order):
        below = places[number] = min(places[number], below - LABEL_GAP)
    return places


def draw_panel(panel, left, across, colours):
    axes = Axes(panel, left)
    middle = (axes.top + axes.bottom) / 2
    yield f'<text x="{axes.left}" y="26" font-size="16" font-weight="bold">{escape(panel.title)}</text>'
    yield from axes.grid()
    yield f'<text x="{(axes.left + axes.right) / 2:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(across)}</text>'
    yield (f'<text x="{left + 16}" y="{middle:.1f}" text-anchor="middle" '
           f'transform="rotate(-90 {left + 16} {middle:.1f})">{escape(panel.unit)}</text>')
    ends = [axes.y(line[max(line)]) for line in panel.lines.values()]
    places = spread(ends, axes.top, axes.bottom)
    for number, (name, line) in enumerate(panel.lines.items()):
        colour = colours[name]
        points = " ".join(f"{axes.x(at):.1f},{axes.y(line[at]):.1f}" for at in sorted(line))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for at in line:
            yield f'<circle cx="{axes.x(at):.1f}" cy="{axes.y(line[at]):.1f}" r="3.2" fill="{colour}"/>'
        yield (f'<line x1="{axes.right + 4}" y1="{ends[number]:.1f}" x2="{axes.right + 14}" y2="{places[number]:.1f}" '
               f'stroke="{colour}"/>')
        yield f'<text x="{axes.right + 18}" y="{places[number] + 4:.1f}" fill="{colour}">{escape(name)}</text>'


def draw(panels, across):
    """The panels side by side."""
    width = WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="13" fill="#222222">',
        f'<rect width="{width}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    # A name has one colour in all panels.
    names = dict.fromkeys(name for panel in panels for name in panel.lines)
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    for number, panel in enumerate(panels):
        parts += draw_panel(panel, number * WIDTH, across, colours)
    return "\n".join([*parts, "</svg>", ""])
