"""Checks what swift format cannot: prints `file:line: message` and exits with 1 on any finding.

usage: lint.py PACKAGE.json   (the output of `swift package dump-package`)
"""
import json
import re
import subprocess
import sys
from pathlib import Path

from lint_swift import long_functions, undocumented

MAX_LINES = 400
MAX_FUNCTION = 40
# What is too long already and waits for being split; the list only shrinks.
KNOWN_LONG = {
    line for line in (Path(__file__).parent / "lint_known.txt").read_text().splitlines()
    if not line.startswith("#")
}
TOOLCHAIN = {
    "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc", "Musl", "Darwin",
    "Synchronization", "Testing", "RegexBuilder", "PackageDescription", "CompilerPluginSupport",
    # swift-syntax's own modules, which its products carry along.
    "SwiftSyntax", "SwiftSyntaxBuilder", "SwiftDiagnostics", "SwiftParser", "SwiftBasicFormat",
    "SwiftOperators", "SwiftSyntaxMacroExpansion",
}
DRIVERS = {"PrivataSQLite", "PrivataPostgres", "PrivataMongo", "PrivataRedis"}
STYLES = {"MongoStyle", "PrismaStyle", "DrizzleStyle"}
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)"
)
# Pattern over code without comments and text, then what is wrong with it. Sources/ only.
FORBIDDEN = [
    (re.compile(r"\btry!"), "try! stops the program on an error"),
    (re.compile(r"\bfatalError\b"), "fatalError stops the program; throw a PrivataError"),
    (re.compile(r"\bTask\s*(\.detached\b|\{)"), "unstructured task"),
    (re.compile(r"(?<![\w.])Any(?![\w.])"), "Any hides the type"),
    (re.compile(r"\b(NSLog|debugPrint|dump)\s*\("), "prints to the console"),
]
POINTER = re.compile(r"\b(OpaquePointer|Unsafe(Mutable)?(Raw)?(Buffer)?Pointer)\b")
C_IMPORT = re.compile(r"^(CSQLite|CPostgres|CMongo|CRedis)$")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home)/\w|/tmp/(wt|team)\b")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def tracked():
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True)
    return [Path(name) for name in listing.stdout.decode().split("\0") if name]


def code_of(text):
    """The lines with comments and string literals blanked, so that prose trips no rule."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    text = re.sub(r'"""[\s\S]*?"""|//[^\n]*|/\*[\s\S]*?\*/|"(?:\\.|[^"\\\n])*"', blank, text)
    return text.split("\n")


def check_swift(path, text, report):
    lines = text.split("\n")
    if str(path) not in KNOWN_LONG:
        if len(lines) - 1 > MAX_LINES:
            report(path, MAX_LINES + 1, f"{len(lines) - 1} lines: split (limit {MAX_LINES})")
        for number, length in long_functions(code_of(text), MAX_FUNCTION):
            report(path, number, f"function of {length} lines (limit {MAX_FUNCTION})")
    if path.parts[0] != "Sources":
        return
    native = "Native" in path.parts
    for number, name in undocumented(lines, code_of(text)):
        report(path, number, f"public without a doc comment: {name}")
    for number, code in enumerate(code_of(text), 1):
        for pattern, message in FORBIDDEN:
            if pattern.search(code):
                report(path, number, message)
        if POINTER.search(code) and not native:
            report(path, number, "pointers live in Native/ only")
        if "@unchecked Sendable" in code and "// Safe:" not in "".join(lines[number - 3 : number + 1]):
            report(path, number, "@unchecked Sendable without a line `// Safe: reason`")
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", lines[number - 1]):
            report(path, number, "unfinished work belongs in an issue")


def check_imports(package, files, report):
    targets = {target["name"]: target for target in package["targets"]}
    for name, target in targets.items():
        direct = set()
        for dependency in target["dependencies"]:
            direct.update(part[0] for part in dependency.values() if part)
        if name in STYLES and direct & DRIVERS or name in DRIVERS and direct & STYLES:
            report("Package.swift", 1, f"{name}: drivers and styles never meet")
        folder = Path(target.get("path") or f"Sources/{name}")
        for path in files:
            if path.suffix != ".swift" or folder not in path.parents:
                continue
            for number, line in enumerate(code_of(path.read_text()), 1):
                match = IMPORT.match(line)
                module = match and match.group(1)
                if not module or module in direct | TOOLCHAIN | {name}:
                    if module and C_IMPORT.match(module) and "Native" not in path.parts \
                            and path.parts[0] == "Sources":
                        report(path, number, f"{module} is imported in Native/ only")
                    continue
                report(path, number, f"{name} may not import {module} (see Package.swift)")


def heading_anchors(text):
    anchors = set()
    for title in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text, re.MULTILINE):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        anchors.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain)))
    return anchors


def check_links(path, text, report):
    prose = re.sub(r"```[\s\S]*?```", lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for number, line in enumerate(prose.split("\n"), 1):
        for link in LINK.findall(line):
            if re.match(r"[a-z][a-z+.-]*:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name) if name else path
            if not target.exists():
                report(path, number, f"link leads nowhere: {link}")
            elif anchor and target.suffix == ".md" \
                    and anchor not in heading_anchors(target.read_text()):
                report(path, number, f"no such heading: {link}")


def main(package_file):
    findings = []
    report = lambda path, line, message: findings.append(f"{path}:{line}: {message}")
    files = [path for path in tracked() if path.is_file()]
    for path in files:
        if path.name == "Package.resolved":
            report(path, 1, "is not tracked: a library does not pin its dependencies")
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if path.suffix == ".swift":
            check_swift(path, text, report)
        if path.suffix == ".md":
            check_links(path, text, report)
        for number, line in enumerate(text.split("\n"), 1):
            if MACHINE_PATH.search(line) and path != Path("Scripts/lint.py"):
                report(path, number, "path of one machine")
    check_imports(json.loads(Path(package_file).read_text()), files, report)
    print("\n".join(findings))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1])
