"""Brings the catalogues up to the code, and compiles them: python -m translations."""

from translations import catalogue, extract


def main() -> None:
    found = extract.messages(catalogue.PACKAGE)
    for path in catalogue.sources():
        po = catalogue.renewed(path, found)
        catalogue.write(path, po)
        missing = catalogue.untranslated(po)
        print(f"{path.relative_to(catalogue.PACKAGE.parent)}: {len(found)} messages, {len(missing)} not translated")
        for message in missing:
            print(f"  {message!r}")


if __name__ == "__main__":
    main()
