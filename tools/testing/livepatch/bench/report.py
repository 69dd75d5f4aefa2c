#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Put the figures that were measured together, and beside each other.

report.py results RESULTS ARCH:CORE:FILE...   store measured figures as JSON
report.py table RESULTS                       print them; are all targets met?
report.py repeated RESULTS BEFORE             do two runs differ by more than 1 %?
report.py outlook RESULTS                     what a larger machine would take
report.py plots RESULTS DIRECTORY             draw how costs grow, by gnuplot
report.py check REFERENCE KIND FILE           TAP: is a figure worse than the reference,
                                              or than its target?
report.py update REFERENCE KIND FILE          store them as the reference
report.py pages REFERENCE DIRECTORY           do pages say what the reference does?

FILE is what measure.sh or repeat.sh has printed, CORE is "stock" or "ours", and KIND
names a set of figures of the reference: ARCH-full, ARCH-short, or ARCH-stock, which
has what fractions of the stock core's figures are fractions of.
"""

import json
import os
import re
import subprocess
import sys

WORSE = 1.02
DIFFERENT = 0.01

# The exit status that says so: 1 is for what python itself cannot do.
FAILED = 2
UNITS = {"us": (1000, "us"), "ns": (1, "ns"), "ns at most": (1, "ns")}

# What other kernels, modules, or files of a guest have otherwise, better or worse.
NOT_HELD = ("records", "ns at most")


def read_lines(name):
    """The lines of a file beside this one, as tuples."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    return [tuple(line.split("\t")) for line in lines]


def read_figures():
    """The lines of the file "figures": headings, and (name, unit, most, text)."""
    return read_lines("figures")


def figures():
    return [line for line in read_figures() if len(line) > 1]


def read_measured(path):
    """NAME VALUE, or NAME MEDIAN LOWEST HIGHEST, a line."""
    measured = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if len(words) not in (2, 4):
                sys.exit(f"{path}: {line.strip()}: no figure")
            numbers = [int(word) for word in words[1:]]
            measured[words[0]] = numbers[0] if len(numbers) == 1 else numbers
    unknown = set(measured) - {name for name, *_ in figures()}
    if unknown:
        sys.exit(f"{path}: not in the list of figures: {' '.join(sorted(unknown))}")
    return measured


def read_json(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path, data):
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, sort_keys=True)
        file.write("\n")
    os.rename(path + ".new", path)


def median(value):
    return value[0] if isinstance(value, list) else value


def show(value, unit):
    if value is None:
        return "-"
    factor, name = UNITS.get(unit, (1, unit))
    text = f"{median(value) / factor:,.0f} {name}"
    if unit == "ns each" and median(value):
        text = f"{median(value):,} ns = {10 ** 9 / median(value):,.0f}/s"
    if isinstance(value, list) and value[0]:
        text += f" {100 * (value[1] - value[0]) / value[0]:+.0f}/{100 * (value[2] - value[0]) / value[0]:+.0f} %"
    return text


def target(arch, limits):
    """The limit for an architecture, and whether it may not be exceeded."""
    if "=" in limits:
        limits = dict(limit.split("=") for limit in limits.split(";")).get(arch, "-")
    return limits.removeprefix("?"), not limits.startswith("?")


def most(limit, stock, ours):
    """What a figure is meant to be at most, or None if that cannot be told."""
    if "/" in limit:
        return None if stock is None else median(stock) / float(limit.split("/")[1])
    if "*" in limit:
        factor, other = limit.split("*")
        base = stock if other == "stock" else ours.get(other)
        return None if base is None else float(factor) * median(base)
    return None if limit == "-" else float(limit)


def print_table(arch, cores):
    """Returns how many targets are not met that have to be."""
    stock, ours = cores.get("stock", {}), cores.get("ours", {})
    row = "{:<66} {:>18} {:>18} {:>10}  {}"
    noisy = any(isinstance(value, list) for value in ours.values())
    missed = 0

    print(f"\n{arch}{': a real clock, so these are noisy: medians, lowest and highest' if noisy else ''}")
    print(row.format("figure", "stock", "ours", "stock/ours", "target").rstrip())
    for line in read_figures():
        if len(line) == 1:
            print(f"\n{line[0]}")
            continue
        name, unit, limit, text = line
        theirs, value = stock.get(name), ours.get(name)
        if theirs is None and value is None:
            continue
        ratio = f"{median(theirs) / median(value):.2f}" if theirs is not None and value and median(value) else "-"
        limit, strict = target(arch, limit)
        highest = most(limit, theirs, ours)
        if value is None or highest is None:
            verdict = ""
        elif median(value) <= highest:
            verdict = "met"
        else:
            verdict = f"not met{'' if strict else ', which is known'}: {limit}"
            missed += strict and not noisy
        print(row.format(text, show(theirs, unit), show(value, unit), ratio, verdict).rstrip())
    return missed


def table(path):
    missed = sum(print_table(arch, cores) for arch, cores in read_json(path).items())
    if missed:
        print(f"\n{missed} targets that have to be met are not")
    return FAILED if missed else 0


def repeated(path, before):
    """What differs between two runs: all of it, and by how much at most."""
    differences = []
    for arch, cores in read_json(path).items():
        for core, measured in cores.items():
            earlier = read_json(before).get(arch, {}).get(core)
            if earlier is None:
                continue
            for name, unit, *_ in figures():
                if name not in measured and name not in earlier:
                    continue
                now, then = measured.get(name), earlier.get(name)
                if now is None or then is None:
                    difference = float("inf")
                else:
                    now, then = median(now), median(then)
                    difference = abs(now - then) / max(min(now, then), 1)
                differences.append((difference, f"{arch} {core} {name}: {show(now, unit)}, before {show(then, unit)}"))
    if not differences:
        return 0
    different = sorted((line for line in differences if line[0] > DIFFERENT), reverse=True)
    for difference, text in different:
        print(f"{text}, {100 * difference:.2f} %")
    most_of_all, text = max(differences)
    print(f"\n{len(different)} of {len(differences)} figures differ by more than {100 * DIFFERENT:.0f} % "
          f"from the run before; most of all, by {100 * most_of_all:.3f} %: {text}")
    return FAILED if different else 0


# What grows, by how much with each, and with how many of them a large machine has to
# cope: the difference of two figures, divided by the number between them.
OUTLOOK = (
    ("a transition, with each thread", "transition.20000.1", "transition.10.1", 19990, 1000000),
    ("a transition, with each frame of 500 stacks", "depth.100", "depth.10", 90, 100),
    ("waiting for handlers, with each CPU", "sync", None, 1, 512),
    ("reading stalled, with each thread that waits", "stalled.all.20000", "stalled.one.20000",
     20000, 1000000),
    ("reading stalled, with each that does not", "stalled.one.20000", None, 20000, 1000000),
    ("enabling, with each function", "enable.work.10000", "enable.work.1000", 9000, 10000),
    ("disabling, with each function", "disable.work.10000", "disable.work.1000", 9000, 10000),
    ("enabling, with each function that ftrace knows", "records.enable.40", "records.enable.1",
     39000, 100000),
    ("loading an unrelated module, with each patch", "module.100", "module.1", 99, 100),
)


def outlook_lines(arch, ours):
    row = "{:<50} {:>12} {:>14} {:>14}"
    yield row.format(f"what grows on {arch}", "by each", "with as many", "comes to")
    for text, high, low, steps, number in OUTLOOK:
        slope = (median(ours[high]) - (median(ours[low]) if low else 0)) / steps
        yield row.format(text, f"{slope:,.0f} ns", f"{number:,}", f"{slope * number / 1e6:,.1f} ms")


def outlook(path):
    """The slopes of ours, and where they lead to."""
    for arch, cores in read_json(path).items():
        print("\n" + "\n".join(outlook_lines(arch, cores["ours"])))


def quoted(reference):
    """What pages are to say: their names, and the words."""
    for name, arch, text in read_lines("quoted"):
        figures_of = {"here": reference[arch + "-full"], "stock": reference[arch + "-stock"], "round": round}

        def written(match, names=figures_of):
            return format(eval(match[1], {"__builtins__": {}}, names), match[2] or "")

        yield name, re.sub(r"\{([^{}:]+)(?::([^{}]*))?\}", written, text)
    for arch in ("x86_64", "ppc64le"):
        for line in outlook_lines(arch, reference[arch + "-full"]):
            yield "scalability", line


def pages(path, directory):
    """Tell what is to be said and is not."""
    said, missing = {}, 0
    for name, text in quoted(read_json(path)):
        if name not in said:
            with open(os.path.join(directory, name + ".rst"), encoding="utf-8") as file:
                said[name] = " ".join(file.read().split())
        if " ".join(text.split()) not in said[name]:
            print(f"{name}.rst does not say: {text}")
            missing += 1
    return FAILED if missing else 0


def results(path, *sources):
    data = {}
    for source in sources:
        arch, core, file = source.split(":", 2)
        data.setdefault(arch, {})[core] = read_measured(file)
    write_json(path, data)


# What is drawn: file, title, what the axis counts, and for each line its name and the
# figures that it is made of, "#" standing for the number.
PLOTS = (
    ("functions", "Enabling, replacing and disabling: CPU work", "functions", 1000, "us",
     (("enable", "enable.work.#"), ("replace", "replace.work.#"), ("disable", "disable.work.#"))),
    ("calls", "Instructions added to a call", "functions patched", 1, "instructions",
     (("call", "call.#"),)),
    ("tasks", "A transition of one function", "sleeping threads", 1000, "us",
     (("transition", "transition.#.1"),)),
    ("depth", "A transition of 500 threads", "frames on each stack", 1000, "us",
     (("transition", "depth.#"), ("merely unwinding", "depth.unwind.#"))),
    ("stacked", "Patches of the same function", "patches", 1000, "us",
     (("enable one more", "stacked.enable.#"),)),
    ("records", "Enabling one function of vmlinux", "functions that ftrace knows", 1000, "us",
     (("enable", "records.enable.#"), ("disable", "records.disable.#"))),
)


def series(measured, pattern, factor):
    """The points of a line: what "#" stands for, and the figure."""
    before, after = pattern.split("#")
    points = []
    for name, value in measured.items():
        number = name[len(before):len(name) - len(after)]
        if name != before + number + after or not number.isdigit():
            continue
        position = measured[f"records.{number}"] if before.startswith("records.") else int(number)
        points.append((median(position), median(value) / factor))
    return sorted(points)


def plot(data, directory, title, axis, factor, unit, lines, name):
    commands = [f"set terminal svg size 760,480 background 'white'; set output '{directory}/{name}.svg'",
                f"set title '{title}'; set xlabel '{axis}'; set ylabel '{unit}'",
                "set key outside right top; set grid; set yrange [0:*]"]
    if name in ("functions", "tasks"):
        commands.append("set yrange [*:*]; set logscale y")
    if name in ("functions", "tasks", "calls"):
        commands.append("set logscale x")
    drawn, blocks = [], []
    for arch, cores in data.items():
        for core, measured in cores.items():
            for label, pattern in lines:
                points = series(measured, pattern, factor)
                if len(points) < 2:
                    continue
                block = f"$d{len(blocks)}"
                blocks.append(f"{block} << E\n" + "".join(f"{x} {y}\n" for x, y in points) + "E")
                drawn.append(f"{block} with linespoints title '{arch} {core}: {label}'")
    if drawn:
        script = "\n".join(blocks + commands + ["plot " + ", ".join(drawn)]) + "\n"
        subprocess.run(["gnuplot"], input=script, text=True, check=True)


def plots(path, directory):
    data = read_json(path)
    for name, title, axis, factor, unit, lines in PLOTS:
        plot(data, directory, title, axis, factor, unit, lines, name)


def check_target(kind, line, stock, ours):
    """A case for a figure that has a limit; returns whether it failed."""
    name, unit, limits, text = line
    limit, strict = target(kind.rsplit("-", 1)[0], limits)
    if name not in ours or limit == "-" or not strict:
        return False
    highest = most(limit, stock.get(name), ours)
    failed = highest is None or median(ours[name]) > highest
    print(f"{'not ok' if failed else 'ok'} - {kind}: target: {text}: {show(ours[name], unit)}, "
          f"at most {show(highest, unit)} ({limit}), stock {show(stock.get(name), unit)}")
    return failed


def check(path, kind, file):
    """TAP: a case for each figure of the reference, and one for each target."""
    references, measured = read_json(path), read_measured(file)
    reference = references.get(kind, {})
    failed = 0
    if not reference:
        print(f"not ok - {kind}: no reference, make bench-check UPDATE=1 stores one")
        return FAILED
    for name, unit, _, text in figures():
        if unit in NOT_HELD or (name not in reference and name not in measured):
            continue
        if name not in reference:
            verdict, detail = "not ok", "is not in the reference"
        elif name not in measured:
            verdict, detail = "not ok", "not measured"
        else:
            now, then = measured[name], reference[name]
            verdict = "ok" if now <= then * WORSE else "not ok"
            detail = f"{show(now, unit)}, reference {show(then, unit)}"
        failed += verdict != "ok"
        print(f"{verdict} - {kind}: {text}: {detail}")
    stock = references.get(kind.rsplit("-", 1)[0] + "-stock", {})
    for line in figures():
        failed += check_target(kind, line, stock, measured)
    return FAILED if failed else 0


def update(path, kind, file):
    data = read_json(path)
    data[kind] = read_measured(file)
    write_json(path, data)


COMMANDS = {command.__name__: command for command in (results, table, repeated, outlook, plots, check, update, pages)}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__.strip())
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
