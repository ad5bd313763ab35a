"""Whole databases of PostgreSQL out of a seed: every kind of object and column, odd but legal settings.

What the server refuses is passed over by psql, so a statement here may be wrong for one release; it must not be wrong for
all. SPDX-License-Identifier: MIT
"""
from case import Case, Line

kRoles = ['fuzz_owner', "fuzz o'wner", 'Fuzz "reader"']  # on both servers, made once (postgres_judge.prepare)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    text = text.replace("'", "''")
    return f"'{text}'" if '\\' not in text else "E'" + text.replace('\\', '\\\\') + "'"


kTypes = [
    ('smallint', ['-32768', '32767']), ('integer', ['-2147483648', '2147483647', '0']), ('bigint', ['-9223372036854775808', '9223372036854775807']), ('numeric', ["'NaN'", "'Infinity'", '1e-130', '123456789012345678901234567890.5']),
    ('numeric(10,2)', ['99999999.99', '-0.01']), ('real', ["'NaN'", '0.1', '3.4e38', "'-Infinity'"]), ('double precision', ['0.1', '4.9e-324', "'-0'", "'Infinity'"]), ('money', ['12.34', '-0.01', "'92233720368547758.07'"]),
    ('boolean', ['true', 'false']), ('date', ["'infinity'", "'4713-01-01 BC'", "'2024-02-29'"]), ('timestamp', ["'infinity'", "'294276-12-31 23:59:59.999999'", "'4713-01-01 00:00 BC'"]), ('timestamptz', ["'2024-10-27 02:30:00+02'", "'-infinity'"]),
    ('timestamptz(0)', ["'2024-03-31 01:30:00+00'"]), ('time', ["'24:00:00'", "'00:00:00.000001'"]), ('timetz', ["'23:59:59.999999+15:59'"]), ('interval', ["'1 mon -1 days +00:00:01.5'", "'-178000000 years'"]), ('uuid', ["'123e4567-e89b-12d3-a456-426655440000'"]),
    ('bytea', ["'\\x00ff5c27'", "''"]), ('json', ["""'{"b": 1.10, "a":  [1,2]}'""", "'null'"]), ('jsonb', ["""'{"b": 1.10, "a": [1, 2]}'""", "'\"\\u00e9\"'"]), ('xml', ["'<a>&lt;</a>'"]), ('inet', ["'::1/64'", "'10.0.0.1'"]), ('cidr', ["'10.0.0.0/8'"]),
    ('macaddr', ["'08:00:2b:01:02:03'"]), ('bit(3)', ["B'101'"]), ('bit varying', ["B''", "B'1011'"]), ('point', ["'(1,-2.5)'"]), ('polygon', ["'((0,0),(1,1),(1,0))'"]), ('int4range', ["'[1,5)'", "'empty'", "'(,)'"]), ('tstzrange', ["'[2024-01-01,infinity)'"]),
    ('int4multirange', ["'{[1,3),[5,7)}'"]), ('tsvector', ["'a:1 b:2A'"]), ('tsquery', ["'a & !b'"]), ('integer[]', ["'{1,NULL,3}'", "'{}'", "'[2:3]={1,2}'"]), ('text[]', ["""'{"a\\\\b",NULL,"NULL",""}'""", "ARRAY['x''y']"]), ('oid', ['4294967295']),
    ('pg_lsn', ["'FFFFFFFF/FFFFFFFF'"]), ('"char"', ["'x'"]), ('name', ["'n'"]),
]
kTextTypes = ['text', 'varchar(40)', 'char(5)', 'text COLLATE "C"', 'varchar COLLATE "POSIX"']
kDatabaseSettings = [("search_path", ['extra, public', '"$user"']), ('timezone', ["'Asia/Kolkata'"]), ('datestyle', ["'German, DMY'", "'SQL, DMY'"]), ('intervalstyle', ['iso_8601', 'postgres_verbose']), ('bytea_output', ['escape']), ('extra_float_digits', ['-15', '0']),
                     ('lc_monetary', ["'C'"]), ('array_nulls', ['off']), ('xmloption', ['document']), ('standard_conforming_strings', ['off']), ('default_transaction_read_only', ['on']), ('row_security', ['off']), ('statement_timeout', ['5000']), ('default_transaction_isolation', ['serializable']),
                     ('work_mem', ["'64kB'"]), ('quote_all_identifiers', ['on']), ('default_toast_compression', ['lz4']), ('client_encoding', ["'LATIN1'"]), ('check_function_bodies', ['off']), ('transform_null_equals', ['on']), ('synchronous_commit', ['off']), ('idle_in_transaction_session_timeout', ['3000']),
                     ('default_table_access_method', ['heap']), ('lock_timeout', ['1000']), ('escape_string_warning', ['off']), ('jit', ['off'])]


class Objects:
    """What a case has so far: later objects refer to earlier ones."""

    def __init__(self, dice, version, encoding):
        self.dice, self.version, self.encoding = dice, version, encoding
        self.lines, self.schemas, self.tables, self.functions, self.enums, self.views = [], ['public'], [], [], [], []
        self.types = []

    def name(self, stem):
        """A name that the database's encoding can hold."""
        while True:
            name = self.dice.name(stem)
            if self.holds(name):
                return name

    def holds(self, text):
        if self.encoding == 'LATIN1':
            return all(ord(c) < 256 for c in text)
        return self.encoding == 'UTF8' or text.isascii()

    def text(self):
        while True:
            text = self.dice.text(30)
            if self.holds(text):
                return text

    def add(self, text, undo=''):
        self.lines.append(Line('database', text))

    def place(self, stem):
        return f'{quoted(self.dice.one(self.schemas))}.{quoted(self.name(stem))}'

    def schema(self):
        name = self.name('s')
        self.schemas.append(name)
        self.add(f'CREATE SCHEMA {quoted(name)}' + self.dice.one(['', f' AUTHORIZATION {quoted(self.dice.one(kRoles))}']) + ';')
        self.around('SCHEMA', quoted(name), ['USAGE', 'CREATE'])

    def around(self, kind, place, rights):
        """Comment, owner, grants: what stands around an object."""
        dice = self.dice
        if dice.chance(15):
            self.add(f'COMMENT ON {kind} {place} IS {literal(self.text())};')
        if dice.chance(15):
            self.add(f'ALTER {kind} {place} OWNER TO {quoted(dice.one(kRoles))};')
        if rights and dice.chance(20):
            self.add(f'GRANT {dice.one(rights)} ON {"TABLE" if "VIEW" in kind else kind} {place} TO {dice.one(["PUBLIC", quoted(dice.one(kRoles)), quoted(dice.one(kRoles)) + " WITH GRANT OPTION"])};')
        if rights and dice.chance(10):
            self.add(f'REVOKE ALL ON {"TABLE" if "VIEW" in kind else kind} {place} FROM {dice.one(["PUBLIC", "postgres"])};')

    def type(self):
        dice, place, kind = self.dice, self.place('ty'), self.dice.number(0, 3)
        if kind == 0:
            members = list(dict.fromkeys(self.text()[:15] for _ in range(dice.number(1, 4))))
            self.add(f'CREATE TYPE {place} AS ENUM ({", ".join(literal(m) for m in members)});')
            if dice.chance(30):
                self.add(f"ALTER TYPE {place} ADD VALUE 'added' BEFORE {literal(members[0])};")
            self.enums.append((place, members))
            self.types.append((place, [literal(m) for m in members]))
            self.around('TYPE', place, ['USAGE'])
        elif kind == 1:
            self.add(f'CREATE DOMAIN {place} AS integer DEFAULT 3 {dice.one(["", "NOT NULL"])} CONSTRAINT {quoted(self.name("dc"))} CHECK (VALUE {dice.one(["> -1000", "IN (1, 2, 3, 7)", "BETWEEN 0 AND 99"])});')
            self.types.append((place, ['1', '2', '3']))
            self.around('DOMAIN', place, ['USAGE'])
        elif kind == 2:
            self.add(f'CREATE TYPE {place} AS (a integer, {quoted(self.name("f"))} text);')
            self.types.append((place, ["'(1,x)'", "'(,\"a,b\")'", 'NULL']))
        else:
            self.add(f'CREATE TYPE {place} AS RANGE (subtype = float8);')
            self.types.append((place, ["'[1,2)'", "'empty'"]))

    def column(self):
        dice = self.dice
        name = self.name('c')
        if dice.chance(30):
            type_ = dice.one(kTextTypes)
            values = None
            default = literal(self.text()[:5])
        elif self.types and dice.chance(30):
            type_, values = dice.one(self.types)
            default = values[0]
        else:
            type_, values = dice.one(kTypes)
            default = values[0]
        text = f'{quoted(name)} {type_}'
        if dice.chance(25):
            text += f' DEFAULT {default}'
        null = dice.chance(70)
        text += '' if null else ' NOT NULL'
        if dice.chance(12):
            text += f' CONSTRAINT {quoted(self.name("ck"))} CHECK ({quoted(name)} IS NOT NULL OR true)' if not type_.startswith('varchar') else f" CHECK ({quoted(name)} NOT IN ('never', 'this'))"
        return {'name': name, 'type': type_, 'text': text, 'values': values, 'null': null}

    def value(self, column):
        dice = self.dice
        if column['null'] and dice.chance(12):
            return 'NULL'
        if column['values'] is None:
            length = 5 if 'char(5)' in column['type'] else 40
            return literal(''.join(c for c in self.text() if c != '\0')[:length])
        return dice.one(column['values'])

    def table(self):
        dice = self.dice
        place = self.place('t')
        columns = [self.column() for _ in range(dice.number(0 if dice.chance(3) else 1, 5))]
        parts = []
        key = ''
        if dice.chance(70):
            key = self.name('id')
            parts.append(f'{quoted(key)} ' + dice.one(['integer PRIMARY KEY', 'bigserial PRIMARY KEY', 'integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY', 'bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5) PRIMARY KEY', 'integer PRIMARY KEY DEFERRABLE', 'serial UNIQUE NOT NULL']))
        parts += [c['text'] for c in columns]
        integers = [c for c in columns if c['type'] in ('integer', 'smallint', 'numeric(10,2)')]
        texts = [c for c in columns if c['type'] in kTextTypes]
        if integers and dice.chance(40):
            parts.append(f'{quoted(self.name("g"))} numeric GENERATED ALWAYS AS ({quoted(integers[0]["name"])} / 3.0 + 1) {"VIRTUAL" if self.version >= 18 and dice.chance(50) else "STORED"}')
        if texts and dice.chance(40):
            parts.append(f'{quoted(self.name("g"))} text GENERATED ALWAYS AS (upper({quoted(texts[0]["name"])})) STORED')
        if texts and dice.chance(20):
            parts.append(f'CONSTRAINT {quoted(self.name("u"))} UNIQUE {"NULLS NOT DISTINCT " if dice.chance(30) else ""}({quoted(texts[0]["name"])})')
        partition, children = '', []
        if dice.chance(15):
            enum = [c for c in columns if any(c['type'] == e[0] for e in self.enums)]
            by = dice.one(enum) if enum and dice.chance(70) else None
            plain_parts = [p.replace(' PRIMARY KEY DEFERRABLE', '').replace(' PRIMARY KEY', '').replace(' UNIQUE NOT NULL', '').replace('GENERATED ALWAYS AS IDENTITY', 'NOT NULL').replace('GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5)', 'NOT NULL') for p in parts if not p.startswith('CONSTRAINT')]
            on = quoted(by['name']) if by else (quoted(key) if key else '')
            if on:
                parts = plain_parts
                way = 'hash' if by or dice.chance(40) else dice.one(['range', 'list'])
                partition = f' PARTITION BY {way} ({on})'
                bounds = {'hash': ['FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'FOR VALUES WITH (MODULUS 2, REMAINDER 1)'], 'range': ['FOR VALUES FROM (MINVALUE) TO (3)', 'FOR VALUES FROM (3) TO (MAXVALUE)'], 'list': ['FOR VALUES IN (1, 2)', 'DEFAULT']}[way]
                children = [(self.place('part'), bound) for bound in bounds]
        inherits = ''
        if not partition and self.tables and dice.chance(6):
            inherits = f' INHERITS ({dice.one(self.tables)["place"]})'
        unlogged = 'UNLOGGED ' if dice.chance(5) else ''
        with_ = f' WITH (fillfactor = {dice.number(10, 100)})' if not partition and dice.chance(8) else ''
        self.add(f'CREATE {unlogged}TABLE {place} ({", ".join(parts)}){inherits}{partition}{with_};' + ''.join(f'\nCREATE TABLE {child} PARTITION OF {place} {bound};' for child, bound in children))
        table = {'place': place, 'columns': columns, 'key': key, 'parts': parts, 'partitioned': bool(partition)}
        self.tables.append(table)
        self.rows(table)
        for _ in range(dice.number(0, 2)):
            self.index(table)
        self.around('TABLE', place, ['SELECT', 'INSERT', 'UPDATE', 'ALL', 'TRUNCATE'])
        if columns and dice.chance(10):
            self.add(f'GRANT SELECT ({quoted(columns[0]["name"])}) ON {place} TO {quoted(dice.one(kRoles))};')
        if dice.chance(8):
            self.add(f'ALTER TABLE {place} {dice.one(["ENABLE", "FORCE"])} ROW LEVEL SECURITY;\nCREATE POLICY {quoted(self.name("pol"))} ON {place} {dice.one(["", "AS RESTRICTIVE "])}FOR SELECT TO {dice.one(["PUBLIC", quoted(dice.one(kRoles))])} USING (true);')
        if columns and dice.chance(10):
            self.add(f'ALTER TABLE {place} ALTER COLUMN {quoted(columns[0]["name"])} SET STATISTICS 10;')
        if dice.chance(8):
            self.add(f'ALTER TABLE {place} REPLICA IDENTITY {dice.one(["FULL", "NOTHING"])};')
        if columns and dice.chance(10):
            self.add(f'COMMENT ON COLUMN {place}.{quoted(columns[0]["name"])} IS {literal(self.text())};')
        keyed = [t for t in self.tables if t['key'] and t is not table and 'integer PRIMARY KEY' in t['parts'][0]]
        if keyed and dice.chance(35):
            other, reference = dice.one(keyed), quoted(self.name('ref'))
            self.add(f'ALTER TABLE {place} ADD COLUMN {reference} integer;\nALTER TABLE {place} ADD CONSTRAINT {quoted(self.name("fk"))} FOREIGN KEY ({reference}) REFERENCES {other["place"]} ({quoted(other["key"])}) {dice.one(["", "ON DELETE CASCADE", "DEFERRABLE INITIALLY DEFERRED", "NOT VALID"])};' )

    def rows(self, table):
        dice = self.dice
        for _ in range(dice.number(0, 2)):
            columns = [c for c in table['columns']]
            if not columns and not table['key']:
                continue
            text = ''
            for _ in range(dice.number(1, 6)):
                given = [quoted(c['name']) for c in columns]
                values = [self.value(c) for c in columns]
                key = table['parts'][0] if table['key'] else ''
                if key and 'serial' not in key and 'IDENTITY' not in key:
                    given, values = [quoted(table['key'])] + given, [str(dice.number(1, 1000))] + values
                text += f'INSERT INTO {table["place"]} ({", ".join(given)}) VALUES ({", ".join(values)});\n' if given else f'INSERT INTO {table["place"]} DEFAULT VALUES;\n'
            self.add(text)

    def index(self, table):
        dice = self.dice
        columns = [c for c in table['columns'] if c['type'] not in ('json', 'xml', 'point', 'polygon')]
        if not columns:
            return
        c = dice.one(columns)
        column = quoted(c['name'])
        form = dice.one([f'({column})', f'({column} DESC NULLS LAST)', f'({column}) WHERE {column} IS NOT NULL', f'(({column} IS NULL))'] + ([f'(lower({column}))'] if c['type'] in kTextTypes else []))
        self.add(f'CREATE {dice.one(["", "UNIQUE "]) if "IS NULL" not in form else ""}INDEX {quoted(self.name("i"))} ON {table["place"]} {dice.one(["", "USING hash "]) if form == f"({column})" else ""}{form};')

    def function(self):
        dice, place = self.dice, self.place('f')
        body = dice.one([("sql", 'SELECT $1 + 1'), ("plpgsql", f'BEGIN RETURN $1 * 2; -- {self.text()[:10].split(chr(10))[0]}\nEND'), ('sql', f'SELECT length({literal(self.text())}) + $1')])
        tag = '$body$'
        self.add(f'CREATE FUNCTION {place}(a integer DEFAULT 1) RETURNS integer LANGUAGE {body[0]} {dice.one(["IMMUTABLE", "STABLE", "VOLATILE"])} {dice.one(["", "STRICT", "SECURITY DEFINER", "PARALLEL SAFE", "COST 7", "SET search_path = public"])} AS {tag}{body[1]}{tag};')
        self.functions.append(place)
        self.around('FUNCTION', place + '(integer)', ['EXECUTE'])

    def other(self):
        dice = self.dice
        table = dice.one(self.tables) if self.tables else None
        kind = dice.number(0, 15)
        if kind <= 2 and table:
            place = self.place('v')
            base = dice.one([t['place'] for t in self.tables] + self.views)
            materialized = dice.chance(40)
            form = dice.one([f'SELECT * FROM {base}', f'SELECT count(*) AS n, {literal(self.text())}::text AS t FROM {base}', f"SELECT 1 AS a WHERE 'x' IN ('x', 'y')"] + ([f'SELECT {dice.one(self.functions)}(2) AS f'] if self.functions else []))
            self.add(f'CREATE {"MATERIALIZED " if materialized else ""}VIEW {place}{"" if materialized else dice.one(["", " WITH (security_barrier)"])} AS {form}{dice.one(["", " WITH NO DATA"]) if materialized else ""};')
            self.views.append(place)
            self.around('MATERIALIZED VIEW' if materialized else 'VIEW', place, ['SELECT'])
        elif kind == 3:
            place = self.place('seq')
            self.add(f'CREATE SEQUENCE {place} {dice.one(["", "AS smallint", "START 100 INCREMENT -5 MINVALUE -1000 MAXVALUE 200 CYCLE", "CACHE 20"])};' + dice.one(['', f"\nSELECT nextval({literal(place)});", f"\nSELECT setval({literal(place)}, 7, false);", f'\nALTER SEQUENCE {place} RESTART WITH 3;']))
            self.around('SEQUENCE', place, ['USAGE', 'SELECT'])
        elif kind == 4 and table:
            place = self.place('trf')
            self.add(f'CREATE FUNCTION {place}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;\nCREATE TRIGGER {quoted(self.name("tr"))} {dice.one(["BEFORE", "AFTER"])} {dice.one(["INSERT", "UPDATE OR INSERT"])} ON {table["place"]} FOR EACH ROW EXECUTE FUNCTION {place}();')
            if dice.chance(40):
                self.add(f'ALTER TABLE {table["place"]} {dice.one(["DISABLE TRIGGER USER", "ENABLE TRIGGER ALL"])};')
        elif kind == 5 and table:
            self.add(f'CREATE RULE {quoted(self.name("r"))} AS ON DELETE TO {table["place"]} DO {dice.one(["INSTEAD NOTHING", "ALSO SELECT 1"])};')
        elif kind == 6:
            self.add(f'CREATE PROCEDURE {self.place("p")}(INOUT x text) LANGUAGE sql AS $$SELECT {literal(self.text())}$$;')
        elif kind == 7:
            self.add(f'CREATE AGGREGATE {self.place("agg")}(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = \'0\');')
        elif kind == 8:
            self.add(f'CREATE COLLATION {self.place("coll")} {dice.one(["FROM " + quoted("C"), "(provider = icu, locale = " + chr(39) + "de-u-co-phonebk" + chr(39) + ")", "(provider = icu, locale = " + chr(39) + "und-u-ks-level2" + chr(39) + ", deterministic = false)"])};')
        elif kind == 9 and table and len(table['columns']) > 1:
            self.add(f'CREATE STATISTICS {self.place("st")} ON {quoted(table["columns"][0]["name"])}, {quoted(table["columns"][1]["name"])} FROM {table["place"]};')
        elif kind == 10:
            self.add(dice.one(['CREATE EXTENSION hstore;', 'CREATE EXTENSION pg_trgm;', 'CREATE EXTENSION citext;', 'CREATE EXTENSION postgres_fdw;\nCREATE SERVER "far away" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host \'127.0.0.9\');']))
        elif kind == 11:
            self.add(f"SELECT lo_from_bytea({dice.number(1000, 9999)}, '\\x{'ab' * dice.number(0, 3000)}');")
        elif kind == 12:
            self.add(f'ALTER DEFAULT PRIVILEGES {dice.one(["", "IN SCHEMA public "])}GRANT SELECT ON TABLES TO {quoted(dice.one(kRoles))};')
        elif kind == 13:
            self.add(f'CREATE TEXT SEARCH CONFIGURATION {self.place("ts")} (COPY = {dice.one(["english", "simple"])});')
        elif kind == 14:
            self.add(f'CREATE PUBLICATION {quoted(self.name("pub"))} FOR ALL TABLES;' if not table or dice.chance(30) else f'CREATE PUBLICATION {quoted(self.name("pub"))} FOR TABLE {table["place"]};')
        elif kind == 15 and self.encoding == 'UTF8':
            place = self.place('etf')
            self.add(f'CREATE FUNCTION {place}() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NULL; END$$;\nCREATE EVENT TRIGGER {quoted(self.name("et"))} ON ddl_command_end EXECUTE FUNCTION {place}();')

    def database(self, name):
        """What belongs to the database as such."""
        dice = self.dice
        for setting, values in dice.some(kDatabaseSettings, most=2):
            self.add(f'ALTER DATABASE {quoted(name)} SET {setting} = {dice.one(values)};')
        for text in dice.some([f'COMMENT ON DATABASE {quoted(name)} IS {literal(self.text())};', f'ALTER DATABASE {quoted(name)} CONNECTION LIMIT 50;', f'REVOKE CONNECT ON DATABASE {quoted(name)} FROM PUBLIC;', f'GRANT CREATE ON DATABASE {quoted(name)} TO {quoted(kRoles[2])};',
                               f'ALTER DATABASE {quoted(name)} OWNER TO {quoted(kRoles[0])};', f'ALTER ROLE {quoted(kRoles[1])} IN DATABASE {quoted(name)} SET work_mem = \'1MB\';', 'REVOKE ALL ON SCHEMA public FROM PUBLIC;', 'COMMENT ON SCHEMA public IS NULL;'], most=2):
            self.add(text)


def generate(dice, pair, seed):
    version = 18 if pair.startswith('postgres18') else 15
    encoding = dice.one(['UTF8'] * 8 + ['LATIN1', 'SQL_ASCII'])
    objects = Objects(dice, version, encoding)
    database = dice.one(['shop', 'a-b', "it's", 'MiXed', 'per%cent', 'sp ace', 'a"b', 'a=b'] + (['ünï'] if encoding == 'UTF8' else []))
    for _ in range(dice.number(0, 2)):
        objects.schema()
    for _ in range(dice.number(0, 3)):
        objects.type()
    for _ in range(dice.number(0, 2)):
        objects.function()
    for _ in range(dice.number(1, 5)):
        objects.table()
    for _ in range(dice.number(0, 8)):
        objects.other()
    if dice.chance(50):
        objects.database(database)
    locale = {'UTF8': 'C.UTF-8', 'LATIN1': 'C', 'SQL_ASCII': 'C'}[encoding]
    case = Case(pair, seed, database, f"CREATE DATABASE {quoted(database)} TEMPLATE template0 ENCODING '{encoding}' LOCALE '{locale}'", objects.lines)
    if dice.chance(25):
        table = dice.one(objects.tables)
        name = '.'.join(plain_name(part) for part in parts_of(table['place']))
        if table['columns'] and dice.chance(40):
            column = next((c for c in table['columns'] if c['type'] in kTextTypes), None)
            if column:
                condition = f"{quoted(column['name'])} <> {literal(objects.text())}"
                case.where[table['place']] = condition
                case.dump += ['--where', f'{name}={condition}']
                case.verify += ['--where', f'{name}={condition}']
        else:
            select = [dice.one(['--table', '--exclude-table']), name]
            case.dump += select
            case.verify += select
    case.dump += dice.some(['--jobs=1', '--chunk-size=64K', '--recount'], most=2)
    return case


def parts_of(place):
    """The two names of a quoted place."""
    out, part, inside = [], '', False
    i = 0
    while i < len(place):
        c = place[i]
        if c == '"' and inside and place[i + 1:i + 2] == '"':
            part, i = part + '"', i + 1
        elif c == '"':
            inside = not inside
        elif c == '.' and not inside:
            out.append(part)
            part = ''
        else:
            part += c
        i += 1
    return out + [part]


def plain_name(name):
    return ''.join('\\' + c if c in '*?[]\\' else c for c in name)
