"""Files as people have them: each is read as it is meant, or refused in one line.

Cells are checked one by one, so that nothing turns into something else without a word.
"""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.errors import DataError
from tests.prepared import cells_of, notes_of_files


@dataclass(frozen=True)
class File:
    """A file of two columns, `a` and `y`, unless its content says otherwise.

    Attributes:
        options: keys of the dataset section.
        columns: the inputs that are expected, each with its values.
        y: the classes that are expected, row by row.
        note: what is told of the file, behind its name.
        refused: the message, behind the file's name; instead of columns.
    """

    content: str | bytes
    columns: dict[str, list[float] | list[str]] = field(default_factory=dict)
    y: str = "no yes no"
    note: str = ""
    refused: str = ""
    name: str = "data.csv"
    options: dict[str, Any] = field(default_factory=dict)


def table(cells: Sequence[str], mark: str = ",", head: str = "a", quoted: bool = False) -> str:
    """Cells of a column beside a target of no, yes, no, …"""
    rows = [
        f'"{cell}"{mark}{y}' if quoted else f"{cell}{mark}{y}"
        for cell, y in zip(cells, ["no", "yes"] * len(cells), strict=False)
    ]
    return "\n".join([f"{head}{mark}y", *rows, ""])


ALTERNATIVES = (
    "write only the numbers, or leave the column out with dataset.drop; if they are categories, "
    "say so with dataset.types"
)


def unlike_numbers(rows: str, first: str, cell: str, why: str, key: str = "") -> str:
    behind = f"for a CSV file write {key}; else " if key else ""
    return (
        f"column 'a' must hold plain numbers such as 1234.5, {rows} rows hold another form, the "
        f"first of them row {first} with '{cell}' ({why}); {behind}{ALTERNATIVES}"
    )


EITHER = "dataset.thousands: ',' if that is 1234, dataset.decimal: ',' if it is 1.234"
UTF8 = "save it as UTF-8, or name its encoding in dataset.encoding"
NO_UTF8 = "cannot be read as CSV: it is not UTF-8 text"
NAMELESS = (
    "every column must have a name, column 1 has none; if it is an index that pandas wrote, write "
    "the file with index=False, or leave it out with dataset.drop: ['']"
)
PLAIN = {"a": [1.5, 2.5, 3.0]}
SEMICOLONS = "separated by semicolons"
COMMAS = f"{SEMICOLONS}, decimal comma"

SEPARATORS = {
    "commas": File(table(["1.5", "2.5", "3"]), PLAIN),
    "semicolons": File(table(["1.5", "2.5", "3"], ";"), PLAIN, note=SEMICOLONS),
    "tabs": File(table(["1.5", "2.5", "3"], "\t"), PLAIN, note="separated by tabs"),
    "bars": File(table(["1.5", "2.5", "3"], "|"), PLAIN, note="separated by bars"),
    "tabs in a file that says so": File(table(["1.5", "2.5", "3"], "\t"), PLAIN, name="data.tsv"),
    "commas in a file that says tabs": File(
        table(["1.5", "2.5", "3"]), PLAIN, name="data.tsv", note="separated by commas"
    ),
    "text of any ending": File(
        table(["1.5", "2.5", "3"], ";"), PLAIN, name="data.txt", note=SEMICOLONS
    ),
    "a key, so that nothing is told": File(
        table(["1.5", "2.5", "3"], ";"), PLAIN, options={"separator": ";"}
    ),
    "a key by its word": File(
        table(["1.5", "2.5", "3"], "\t"), PLAIN, options={"separator": "tab"}
    ),
    "a comma in a name beside semicolons": File(
        table(["1.5", "2.5", "3"], ";", "height, m"),
        {"height, m": [1.5, 2.5, 3.0]},
        note=SEMICOLONS,
    ),
    "semicolons in a name beside commas": File(
        table(["1.5", "2.5", "3"], head="a;b;c"), {"a;b;c": [1.5, 2.5, 3.0]}
    ),
    "separators within quotes": File(
        table(["x;y", "x\ny", "x;y"], ";", quoted=True),
        {"a": ["x;y", "x\ny", "x;y"]},
        note=SEMICOLONS,
    ),
    "Excel's line about the separator": File(
        "sep=;\n" + table(["1.5", "2.5", "3"], ";"), PLAIN, note=SEMICOLONS
    ),
    "comments behind Excel's line about the separator": File(
        "sep=;\n# made\n# today\n" + table(["1.5", "2.5", "3"], ";"),
        PLAIN,
        note=f"{SEMICOLONS}, lines that begin with # left out",
    ),
    "a separator behind each line": File(
        "a;y;\n1.5;no;\n2.5;yes;\n3;no;\n", PLAIN, note=SEMICOLONS
    ),
    "a cell behind some lines": File(
        "a;y\n1;no\n2;yes;x\n", refused="every row must have 2 cells like the header, row 2 has 3"
    ),
    "a key that the header contradicts": File(
        table(["1", "2", "3"]),
        options={"separator": ";"},
        refused="must have the target column 'y'; it has 'a,y'",
    ),
    "rows with another separator": File(
        "a,b,y\n1;2;no\n3;4;yes\n",
        refused="header and rows must be separated by the same mark, the header has commas, the "
        "rows have semicolons",
    ),
    "spaces and a tab": File(
        "a\tb\ty\n1 2\tno\n3 4\tyes\n",
        refused="every row must have 3 cells like the header, row 1 has 2",
    ),
    "spaces": File("a y\n1 no\n2 yes\n", refused="must have the target column 'y'; it has 'a y'"),
}

NUMBERS = {
    "decimal commas": File(table(["1,5", "2,5", "3"], ";"), PLAIN, note=COMMAS),
    "decimal commas in quotes": File(
        table(["1,5", "2,5", "3"], quoted=True), PLAIN, note="decimal comma"
    ),
    "decimal commas, beside tabs": File(
        table(["1,5", "2,5", "3"], "\t"), PLAIN, note="separated by tabs, decimal comma"
    ),
    "signs, powers, no zero before the comma": File(
        table(["-1,5", "+2,5e3", ",25"], ";"), {"a": [-1.5, 2500, 0.25]}, note=COMMAS
    ),
    "spaces around decimal commas": File(table([" 1,5", "2,5 ", " 3 "], ";"), PLAIN, note=COMMAS),
    "three decimals of which one begins with 0": File(
        table(["0,125", "2,250", "3,000"], ";"), {"a": [0.125, 2.25, 3.0]}, note=COMMAS
    ),
    "a target with decimal commas": File(
        "a;y\n1;0,5\n2;1,5\n4;2,25\n", {"a": [1, 2, 4]}, y="0.5 1.5 2.25", note=COMMAS
    ),
    "points for thousands": File(
        table(["1.234,5", "2.500", "3"], ";"),
        {"a": [1234.5, 2500, 3]},
        note=f"{COMMAS}, thousands separated by points",
    ),
    "points for millions": File(
        table(["1.234.567", "2.500", "3"]),
        {"a": [1234567, 2500, 3]},
        note="decimal comma, thousands separated by points",
    ),
    "commas for thousands": File(
        table(["1,234.5", "2,500", "3"], quoted=True),
        {"a": [1234.5, 2500, 3]},
        note="thousands separated by commas",
    ),
    "commas for millions": File(
        table(["1,234,567", "2,500", "3"], "\t"),
        {"a": [1234567, 2500, 3]},
        note="separated by tabs, thousands separated by commas",
    ),
    "commas for lakhs": File(
        table(["12,34,567", "2,500", "3"], "|"),
        {"a": [1234567, 2500, 3]},
        note="separated by bars, thousands separated by commas",
    ),
    "spaces for thousands": File(
        table(["1 234,5", "2 500", "3"], ";"),
        {"a": [1234.5, 2500, 3]},
        note=f"{COMMAS}, thousands separated by spaces",
    ),
    "narrow spaces for thousands": File(
        table(["1\u202f234", "2\u202f500", "3"]),
        {"a": [1234, 2500, 3]},
        note="thousands separated by spaces",
    ),
    "apostrophes for thousands": File(
        table(["1'234.5", "2\N{RIGHT SINGLE QUOTATION MARK}500", "3"]),
        {"a": [1234.5, 2500, 3]},
        note="thousands separated by apostrophes",
    ),
    "one column tells of another": File(
        "a;b;y\n1.234;1.234,5;no\n2.500;3;yes\n3.000;4;no\n",
        {"a": [1234, 2500, 3000], "b": [1234.5, 3, 4]},
        note=f"{COMMAS}, thousands separated by points",
    ),
    "a comma that can be both": File(
        table(["1,234", "2,500", "3"], quoted=True),
        refused=unlike_numbers("2 of 3", "1", "1,234", "a comma inside", EITHER),
    ),
    "that comma, for thousands": File(
        table(["1,234", "2,500", "3"], quoted=True),
        {"a": [1234, 2500, 3]},
        options={"thousands": ","},
    ),
    "that comma, for decimals": File(
        table(["1,234", "2,500", "3"], quoted=True),
        {"a": [1.234, 2.5, 3]},
        options={"decimal": ","},
    ),
    "that comma beside decimal points": File(
        'a,b,y\n"1,234",0.5,no\n"2,500",1.5,yes\n3,2.5,no\n',
        refused=unlike_numbers("2 of 3", "1", "1,234", "a comma inside", EITHER),
    ),
    "a point that can be both, beside semicolons": File(
        table(["1.000", "2.000", "3.000"], ";"),
        refused="column 'a' must hold numbers that can be read in one way, row 1 of 3 has '1.000'; "
        "write dataset.decimal: '.' if that is 1, dataset.thousands: '.' if it is 1000",
    ),
    "that point, for decimals": File(
        table(["1.000", "2.000", "3.000"], ";"),
        {"a": [1, 2, 3]},
        note=SEMICOLONS,
        options={"decimal": "."},
    ),
    "that point, for thousands": File(
        table(["1.000", "2.000", "3.000"], ";"),
        {"a": [1000, 2000, 3000]},
        options={"decimal": ",", "thousands": ".", "separator": "semicolon"},
    ),
    "that point beside commas, as plain CSV has it": File(
        table(["1.000", "2.000", "3.000"]), {"a": [1, 2, 3]}
    ),
    "that point beside decimal commas": File(
        "a;b;y\n1.234;0,5;no\n2.500;1,5;yes\n3.000;2,5;no\n",
        refused="column 'a' must have the decimal comma that other numbers of the file have, row 1 "
        "of 3 has '1.234'; if that is 1234, write dataset.thousands: '.'; else write '1,234', or "
        "leave the column out with dataset.drop",
    ),
    "that point in the target beside decimal commas": File(
        "a;y\n0,5;1.234\n1,5;2.500\n2,5;3.000\n",
        refused="column 'y' must have the decimal comma that other numbers of the file have, row 1 "
        "of 3 has '1.234'; if that is 1234, write dataset.thousands: '.'; else write '1,234'",
    ),
    "that point where the config says that commas are thousands": File(
        table(["1.000", "2.000", "3.000"], ";"),
        {"a": [1, 2, 3]},
        note=SEMICOLONS,
        options={"thousands": ","},
    ),
    "a decimal point where the config says that points are thousands": File(
        table(["1.5", "2.5", "3"], ";"),
        options={"thousands": "."},
        refused="column 'a' must have the decimal comma that other numbers of the file have, row 1 "
        "of 3 has '1.5'; else write '1,5', or leave the column out with dataset.drop",
    ),
    "a decimal point where the config says comma": File(
        table(["1.5", "2.5", "3"], ";"),
        options={"decimal": ","},
        refused="column 'a' must have the decimal comma that other numbers of the file have, row 1 "
        "of 3 has '1.5'; else write '1,5', or leave the column out with dataset.drop",
    ),
    "a decimal comma where the config says point": File(
        table(["1,5", "2,5", "3"], ";"),
        options={"decimal": "."},
        refused=unlike_numbers("2 of 3", "1", "1,5", "a decimal comma", "dataset.decimal: ','"),
    ),
    "both decimal marks": File(
        "a;b;y\n1,5;0.5;no\n2,5;1.5;yes\n3;2.5;no\n",
        refused=unlike_numbers("2 of 3", "1", "1,5", "a decimal comma", "dataset.decimal: ','"),
    ),
    "a space that can stand in a name": File(
        table(["1 234", "2 500", "3"]),
        refused=unlike_numbers(
            "2 of 3", "1", "1 234", "a thousands separator", "dataset.thousands with that mark"
        ),
    ),
    "that space, for thousands": File(
        table(["1 234", "2 500", "3"]), {"a": [1234, 2500, 3]}, options={"thousands": "space"}
    ),
    "underscores for thousands": File(
        table(["1_234", "2_500", "3"]), {"a": [1234, 2500, 3]}, options={"thousands": "_"}
    ),
    "underscores that nobody named": File(
        table(["12_34", "25_00", "3"]),
        refused=unlike_numbers("2 of 3", "1", "12_34", "underscores", "dataset.thousands: '_'"),
    ),
    "a word among decimal commas": File(
        "a;b;y\n1,5;1,5;no\n2,5;2,5;yes\nunknown;3,5;no\n",
        refused="column 'a' must have a value in every row, row 3 of 3 has 'unknown'; fill the "
        "gap, leave the row out, or name such cells in dataset.null_values; if they are "
        "categories, say so with dataset.types",
    ),
    "money among decimal commas": File(
        table(["1,5 €", "2,5 €", "3,5 €"], ";"),
        refused=unlike_numbers("3 of 3", "1", "1,5 €", "a currency sign"),
    ),
    "a unit": File(
        table(["5 kg", "6 kg", "7 kg"]),
        refused=unlike_numbers("3 of 3", "1", "5 kg", "the unit 'kg'"),
    ),
    "texts that hold commas": File(
        table(["Bonn, Beuel", "Rome", "Bonn, Beuel"], ";"),
        {"a": ["Bonn, Beuel", "Rome", "Bonn, Beuel"]},
        note=SEMICOLONS,
    ),
    "digits of another script": File(
        table(["١٢", "٣٤", "١٢"]),
        refused=unlike_numbers("3 of 3", "1", "١٢", "digits of another script"),
    ),
}

UMLAUT = table(["1.5", "2.5", "3"], head="größe")
ENCODINGS = {
    "UTF-8": File(UMLAUT, {"größe": [1.5, 2.5, 3.0]}),
    "UTF-8 with a mark": File(UMLAUT.encode("utf-8-sig"), {"größe": [1.5, 2.5, 3.0]}),
    "UTF-16, low byte first": File(
        b"\xff\xfe" + UMLAUT.encode("utf-16-le"), {"größe": [1.5, 2.5, 3.0]}, note="utf-16"
    ),
    "UTF-16, high byte first": File(
        b"\xfe\xff" + UMLAUT.encode("utf-16-be"), {"größe": [1.5, 2.5, 3.0]}, note="utf-16"
    ),
    "UTF-16 without a mark": File(
        UMLAUT.encode("utf-16-le"),
        refused=f"{NO_UTF8}, it holds NUL bytes like UTF-16 and binary files; {UTF8}",
    ),
    "UTF-16 without a mark, with a key": File(
        UMLAUT.encode("utf-16-le"),
        {"größe": [1.5, 2.5, 3.0]},
        options={"encoding": "utf-16-le"},
    ),
    "cp1252": File(
        UMLAUT.encode("cp1252"), {"größe": [1.5, 2.5, 3.0]}, note="cp1252 as in 'größe'"
    ),
    "cp1252 with a key": File(
        UMLAUT.encode("cp1252"), {"größe": [1.5, 2.5, 3.0]}, options={"encoding": "cp1252"}
    ),
    "cp1252, far down": File(
        table([*["thé"] * 3, *["cafe"] * 20000]).replace("thé", "the", 2).encode("cp1252"),
        {"a": ["the", "the", "thé", *["cafe"] * 20000]},
        y="no yes " * 10001 + "no",
        note="cp1252 as in 'thé'",
    ),
    "cp1252 where Latin-1 is another": File(
        table(["€uro", "yen", "yen"]).encode("cp1252"),
        refused=f"{NO_UTF8}, and a word of it is '€uro' in cp1252, '\\x80uro' in latin-1; write "
        "dataset.encoding: cp1252, latin-1, or the name of another encoding",
    ),
    "cp1252 where Latin-1 is another, with a key": File(
        table(["€uro", "yen", "yen"]).encode("cp1252"),
        {"a": ["€uro", "yen", "yen"]},
        options={"encoding": "cp1252"},
    ),
    "Cyrillic": File(
        table(["мир", "труд", "мир"]).encode("cp1251"),
        refused=f"{NO_UTF8}, and a word of it is 'ìèð' in cp1252, 'мир' in cp1251; write "
        "dataset.encoding: cp1252, cp1251, or the name of another encoding",
    ),
    "Cyrillic with a key": File(
        table(["мир", "труд", "мир"]).encode("cp1251"),
        {"a": ["мир", "труд", "мир"]},
        options={"encoding": "cp1251"},
    ),
    "two encodings in one file": File(
        table(["thé", "thé", "x"]).encode() + "thé,yes\n".encode("cp1252"),
        refused=f"cannot be read as CSV: it is UTF-8 text in part only; {UTF8}",
    ),
    "a key that its bytes contradict": File(
        UMLAUT,
        options={"encoding": "ascii"},
        refused=f"cannot be read as CSV: it is not ascii text at byte 3; {UTF8}",
    ),
    "a picture": File(b"\x89PNG\r\n\x1a\n\xff\xfe", refused=f"{NO_UTF8}; {UTF8}"),
    "semicolons, decimal commas and cp1252": File(
        table(["1,5", "2,5", "3"], ";", head="größe").encode("cp1252"),
        {"größe": [1.5, 2.5, 3.0]},
        note=f"{COMMAS}, cp1252 as in 'größe'",
    ),
    "packed by gzip": File(
        gzip.compress(table(["1,5", "2,5", "3"], ";").encode()),
        PLAIN,
        name="data.csv.gz",
        note=COMMAS,
    ),
    "packed by gzip, in cp1252": File(
        gzip.compress(UMLAUT.encode("cp1252")),
        {"größe": [1.5, 2.5, 3.0]},
        name="data.txt.gz",
        note="cp1252 as in 'größe'",
    ),
    "packed by gzip, which its name does not say": File(
        gzip.compress(UMLAUT.encode()),
        refused=f"{NO_UTF8}, it is packed by gzip; call it data.csv.gz",
    ),
    "packed by gzip, cut off": File(
        gzip.compress(UMLAUT.encode())[:-9],
        name="data.csv.gz",
        refused="cannot be read as CSV: it is not a whole gzip file; pack it again",
    ),
    "not packed, though its name says so": File(
        UMLAUT,
        name="data.csv.zst",
        refused="cannot be read as CSV: it is not a whole Zstandard file; pack it again",
    ),
}

LINES = {
    "comments before the header": File(
        "# made by a machine\n#\n" + table(["1.5", "2.5", "3"]),
        PLAIN,
        note="lines that begin with # left out",
    ),
    "comments with a key": File(
        "// made by a machine\n" + table(["1.5", "2.5", "3"]) + "// end\n",
        PLAIN,
        options={"comment": "//"},
    ),
    "a header that begins like a comment": File(
        "#" + table(["1.5", "2.5", "3"]), {"#a": [1.5, 2.5, 3.0]}
    ),
    "a comment that can be the header": File(
        "#a,y\n" + table(["1.5", "2.5", "3"]),
        refused="must have one header, it can be '#a,y' or, if that is a comment, 'a,y'; write "
        "dataset.comment: '#', or remove the # of the first line",
    ),
    "a row that can be a comment": File(
        "# made by a machine\n" + table(["x", "#y", "x"]),
        refused="must have all its comments before the header, or dataset.comment: '#'; line 4 can "
        "be a comment or a row: '#y,yes'",
    ),
    "a comment of Windows with a mark": File(
        b"\xef\xbb\xbf# made\r\na;y\r\n1,5;no\r\n2,5;yes\r\n3;no\r\n",
        PLAIN,
        note=f"{COMMAS}, lines that begin with # left out",
    ),
    "empty lines at the end": File(table(["1,5", "2,5", "3"], ";") + "\n\n", PLAIN, note=COMMAS),
    "an index of pandas": File(
        ",a,y\n0,1.5,no\n1,2.5,yes\n2,3,no\n",
        PLAIN,
        note="first column left out, it has no name and counts the rows from 0",
    ),
    "row names of R": File(
        '"","a","y"\n"1",1.5,"no"\n"2",2.5,"yes"\n"3",3,"no"\n',
        PLAIN,
        note="first column left out, it has no name and counts the rows from 1",
    ),
    "an index out of order": File(
        ";a;y\n2;1,5;no\n0;2,5;yes\n1;3;no\n",
        PLAIN,
        note=f"{COMMAS}; first column left out, it has no name and counts the rows from 0",
    ),
    "a first column without a name that is no index": File(
        ",a,y\n0,1.5,no\n2,2.5,yes\n4,3,no\n", refused=NAMELESS
    ),
    "names of rows, left out": File(
        ",a,y\nu,1.5,no\nv,2.5,yes\nw,3,no\n", PLAIN, options={"drop": [""]}
    ),
    "names of rows": File(",a,y\nu,1.5,no\nv,2.5,yes\nw,3,no\n", refused=NAMELESS),
}

GAPS = {
    "the usual marks": File(
        table(["1", "NA", "3"]),
        refused="column 'a' must have a value in every row, row 2 of 3 has 'NA'; fill the gap, "
        "leave the row out, or set dataset.missing",
    ),
    "a mark of one's own": File(
        table(["u", "X", "u"]),
        options={"null_values": ["x"]},
        refused="column 'a' must have a value in every row, row 2 of 3 has 'X'; fill the gap, "
        "leave the row out, or set dataset.missing",
    ),
    "a number that is a mark": File(
        table(["1", "-999", "3"]),
        options={"null_values": [-999]},
        refused="column 'a' must have a value in every row, row 2 of 3 has none; fill the gap, "
        "leave the row out, or set dataset.missing",
    ),
    "that number, its row left out": File(
        table(["1", "2", "-999", "3"]),
        {"a": [1, 2, 3]},
        y="no yes yes",
        options={"null_values": [-999], "missing": "drop"},
    ),
    "a word that is a mark": File(
        table(["1,5", "2,5", "unknown", "3,5"], ";"),
        {"a": [1.5, 2.5, 3.5]},
        y="no yes yes",
        note=COMMAS,
        options={"null_values": ["unknown"], "missing": "drop"},
    ),
    "a usual mark that is none": File(
        table(["u", "NA", "u"]), {"a": ["u", "NA", "u"]}, options={"null_values": []}
    ),
}

FILES = {
    f"{kind}: {name}": file
    for kind, files in {
        "separators": SEPARATORS,
        "numbers": NUMBERS,
        "encodings": ENCODINGS,
        "lines": LINES,
        "gaps": GAPS,
    }.items()
    for name, file in files.items()
}


@pytest.mark.parametrize("name", FILES)
def test_is_read_as_it_is_meant_or_refused_in_one_line(tmp_path, name):
    file = FILES[name]
    content = file.content if isinstance(file.content, bytes) else file.content.encode()
    (tmp_path / file.name).write_bytes(content)
    config = Dataset(file=file.name, target="y", **file.options)
    if file.refused:
        with pytest.raises(DataError) as refused:
            load_table(config, tmp_path)
        assert re.sub(r"^.*/(?=data\.)", "", str(refused.value)) == f"{file.name}: {file.refused}"
        return
    table = load_table(config, tmp_path)
    assert cells_of(table) == file.columns
    y = [table.classes[row] for row in table.y] if table.classes else map(str, table.y)
    assert " ".join(y) == file.y.strip()
    told = [note.removeprefix(f"{file.name}: ") for note in notes_of_files(table)]
    assert "; ".join(told) == file.note
