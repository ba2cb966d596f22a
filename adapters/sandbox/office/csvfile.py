"""
csvfile - the office's CSV: ISO-8859-1, `;`, every field quoted, newlines inside fields.

Reading is strict about what would lose something (a file that ends inside a field, a line with too
few fields) and indifferent about what would not (a column more, another order).
"""
import csv
import io

ENCODING = "iso-8859-1"


class NotWhole (Exception):
    """The text says which line and what is wrong with it."""


def write (header, rows, encoding=ENCODING, separator=";"):
    """The bytes of a file; a character the encoding lacks becomes '?' as in any such office."""
    text = io.StringIO ()
    writer = csv.writer (text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow (header)
    writer.writerows ([row.get (name, "") for name in header] for row in rows)
    return text.getvalue ().encode (encoding, "replace")


def read (data):
    """[(line number, {column: text})]"""
    text = data.decode (ENCODING).replace ("\r\n", "\n")
    if text.startswith ("\u00ef\u00bb\u00bf"):
        raise NotWhole ("linje 1: filen begynder med et UTF-8-mærke; kontoret læser ISO-8859-1")
    reader = csv.reader (io.StringIO (text), delimiter=";", strict=True)
    rows = []
    try:
        header = next (reader, None)
        if not header:
            raise NotWhole ("linje 1: filen er tom")
        if len (set (header)) != len (header):
            raise NotWhole ("linje 1: en kolonne står der to gange")
        for fields in reader:
            if len (fields) != len (header):
                raise NotWhole (f"linje {reader.line_num}: {len (fields)} felter, men {len (header)} kolonner")
            rows.append ((reader.line_num, dict (zip (header, fields))))
    except csv.Error as error:
        raise NotWhole (f"linje {reader.line_num}: {error}") from None
    if not text.endswith ("\n"):
        raise NotWhole (f"linje {reader.line_num}: filen slutter midt i en linje")
    return rows
