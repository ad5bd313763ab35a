"""Whole databases of MariaDB and MySQL out of a seed: every kind of object and column, odd but legal settings of both servers.

What the server refuses is passed over by its client, so a statement here may be wrong for one release; it must not be
wrong for all. SPDX-License-Identifier: MIT
"""
from case import Case, Line

kEnd = '$$end$$'


def quoted(name):
    return '`' + name.replace('`', '``') + '`'


def literal(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "''") + "'"


def bytes_of(text, charset='utf8mb4'):
    """A text as the server takes it whatever the connection and sql_mode are."""
    return f'_{charset} 0x{text.encode("utf-8").hex()}' if text else "''"


# type, values at its edges (SQL), what kind of expression it can stand in
kNumbers = [
    ('TINYINT', ['-128', '127', '0']), ('TINYINT UNSIGNED', ['255', '0']), ('SMALLINT', ['-32768', '32767']), ('MEDIUMINT', ['-8388608', '8388607']),
    ('INT', ['-2147483648', '2147483647', '0', '1', '7']), ('INT UNSIGNED', ['4294967295', '0']), ('BIGINT', ['-9223372036854775808', '9223372036854775807']),
    ('BIGINT UNSIGNED', ['18446744073709551615', '9223372036854775808']), ('DECIMAL(65,30)', ['99999999999999999999999999999999999.999999999999999999999999999999', '-0.000000000000000000000000000001']),
    ('DECIMAL(10,2)', ['12345678.99', '-0.01', '0']), ('FLOAT', ['0.1', '-3.4028234e38', '16777217', '1e-45']), ('DOUBLE', ['0.1', '4.9e-324', '1.7976931348623157e308', '-0e0']),
    ('BIT(1)', ["b'1'", "b'0'"]), ('BIT(64)', ['18446744073709551615', '1']), ('YEAR', ['1901', '2155', '0']), ('BOOLEAN', ['TRUE', 'FALSE']), ('INT(6) ZEROFILL', ['7', '0']),
]
kTimes = [
    ('DATE', ["'0000-00-00'", "'2024-02-31'", "'9999-12-31'", "'2024-06-30'"]), ('DATETIME', ["'0000-00-00 00:00:00'", "'2024-10-27 02:30:00'"]),
    ('DATETIME(6)', ["'9999-12-31 23:59:59.999999'", "'1000-01-01 00:00:00.000001'"]), ('TIMESTAMP NULL', ["'1970-01-02 00:00:01'", "'2038-01-18 03:14:07'", "'2024-03-31 01:30:00'"]),
    ('TIMESTAMP(6) NULL', ["'2024-11-03 05:30:00.999999'", "'2024-06-30 20:15:00'"]), ('TIME', ["'838:59:59'", "'-838:59:59'", "'00:00:00'"]), ('TIME(6)', ["'-00:00:00.000001'", "'12:34:56.7'"]),
]
kTexts = ['CHAR(5)', 'CHAR(0)', 'VARCHAR(40)', 'VARCHAR(255)', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT']
kBytes = ['BINARY(4)', 'VARBINARY(40)', 'TINYBLOB', 'BLOB', 'LONGBLOB']
kSets = ['', '', '', 'CHARACTER SET latin1', 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', 'CHARACTER SET utf8mb3', 'CHARACTER SET ucs2', 'CHARACTER SET utf16', 'CHARACTER SET utf32', 'CHARACTER SET ascii',
         'CHARACTER SET cp1251', 'CHARACTER SET sjis', 'CHARACTER SET gbk', 'CHARACTER SET binary', 'CHARACTER SET latin1 COLLATE latin1_german2_ci', 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci']
kModes = ["''", "'ANSI_QUOTES'", "'PIPES_AS_CONCAT'", "'ALLOW_INVALID_DATES'", "'NO_AUTO_VALUE_ON_ZERO'", "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'", "'NO_UNSIGNED_SUBTRACTION'", "'HIGH_NOT_PRECEDENCE'",
          "'IGNORE_SPACE'", "'REAL_AS_FLOAT'", "'PAD_CHAR_TO_FULL_LENGTH'", "'ANSI'", "'TRADITIONAL'"]
kZones = ["'+00:00'", "'+05:30'", "'-11:00'", "'+13:00'", "'SYSTEM'"]

# Settings of a whole server that an administrator may have chosen: name, values. The other side keeps its own.
kSourceSettings = [
    ('sql_mode', kModes), ('time_zone', kZones), ('explicit_defaults_for_timestamp', ['OFF', 'ON']), ('lc_time_names', ["'de_DE'", "'ja_JP'"]), ('sql_select_limit', ['1', '5']), ('max_join_size', ['10']),
    ('sql_quote_show_create', ['OFF']), ('autocommit', ['OFF']), ('group_concat_max_len', ['8']), ('div_precision_increment', ['0', '20']), ('tx_isolation', ["'READ-UNCOMMITTED'", "'SERIALIZABLE'"]),
    ('transaction_isolation', ["'READ-COMMITTED'"]), ('sql_safe_updates', ['ON']), ('character_set_server', ['latin1', 'utf8mb4']), ('collation_connection', ['latin1_bin']), ('default_week_format', ['3']), ('old_mode', ["''", "'UTF8_IS_UTF8MB3'"]),
    ('sql_require_primary_key', ['ON']), ('completion_type', ['CHAIN']), ('sql_auto_is_null', ['ON']), ('show_gipk_in_create_table_and_information_schema', ['OFF']), ('sql_generate_invisible_primary_key', ['ON']),
    ('default_collation_for_utf8mb4', ['utf8mb4_general_ci']), ('show_create_table_verbosity', ['ON']), ('show_create_table_skip_secondary_engine', ['ON']), ('innodb_strict_mode', ['OFF']), ('restrict_fk_on_non_standard_key', ['OFF']),
]
kTargetSettings = kSourceSettings + [
    ('enforce_storage_engine', ['Aria', 'InnoDB']), ('default_storage_engine', ['MyISAM']), ('default_table_encryption', ['OFF']), ('innodb_default_row_format', ['COMPACT']), ('innodb_file_per_table', ['OFF']),
    ('foreign_key_checks', ['ON']), ('max_allowed_packet', ['65536', '1048576']), ('log_bin_trust_function_creators', ['OFF']), ('event_scheduler', ['ON', 'OFF']), ('innodb_lock_wait_timeout', ['1']), ('check_constraint_checks', ['ON']),
    ('local_infile', ['OFF']), ('sql_log_bin', ['ON']), ('wait_timeout', ['5']), ('net_read_timeout', ['5']), ('lock_wait_timeout', ['5']), ('max_statement_time', ['3']), ('innodb_ft_enable_stopword', ['OFF']), ('character_set_collations', ["'utf8mb4=utf8mb4_bin'"]),
]


class Tables:
    """The tables of one case as they come to be: what else needs to know of them."""

    def __init__(self, dice, maria):
        self.dice, self.maria = dice, maria
        self.names, self.keys, self.columns, self.lines = [], {}, {}, []

    def value(self, column):
        dice = self.dice
        if dice.chance(12) and column['null']:
            return 'NULL'
        return column['values'](dice)

    def column(self, taken):
        dice = self.dice
        kind = dice.number(0, 9)
        name = dice.name('c', shortest=True)
        type_, charset, default = '', '', []
        if kind <= 3:
            type_, values = dice.one(kNumbers)
            make = lambda d, v=values: d.one(v + [str(d.number(0, 100))] if 'BIT' not in type_ and 'YEAR' not in type_ else v)
            default = ['1', '0', '(1 + 1)']
        elif kind <= 5:
            type_, values = dice.one(kTimes)
            make = lambda d, v=values: d.one(v)
            default = [values[-1]]
            if type_.startswith(('DATETIME', 'TIMESTAMP')) and dice.chance(30):
                digits = '(6)' if '(6)' in type_ else ''
                default = [f'CURRENT_TIMESTAMP{digits} ON UPDATE CURRENT_TIMESTAMP{digits}', f'CURRENT_TIMESTAMP{digits}']
            if type_ == 'TIMESTAMP NULL' and dice.chance(30):
                type_, default = 'TIMESTAMP', []
        elif kind <= 7:
            type_, charset = dice.one(kTexts), dice.one(kSets)
            long = 'TEXT' in type_ and type_ != 'TINYTEXT'
            make = lambda d: d.one([bytes_of(d.text(30)), f'REPEAT({bytes_of(d.text())}, {d.number(1, 40 if long else 3)})'])
            if 'VARCHAR' in type_:
                default = [literal(dice.text(40)[:8]), f"(CONCAT({literal(dice.text(40)[:8])}, 'x'))"]
            if self.maria and 'CHAR(0)' not in type_ and dice.chance(5) and type_.startswith(('VARCHAR', 'TEXT')):
                type_ += ' COMPRESSED'
        elif kind == 8:
            type_ = dice.one(kBytes)
            make = lambda d: d.one(["0x00", "0x5C27000A", "0xFF", "REPEAT(0x00, 40)", "''"])
        else:
            members = list(dict.fromkeys(dice.text(40)[:12] for _ in range(dice.number(1, 4))))
            members = [m for i, m in enumerate(members) if m.rstrip().lower() not in [o.rstrip().lower() for o in members[:i]] and ',' not in m] or ['a']
            type_, charset = dice.one(['ENUM', 'SET']) + '(' + ', '.join(literal(m) for m in members) + ')', dice.one(['', '', 'CHARACTER SET latin1', 'CHARACTER SET utf8mb4'])
            make = lambda d, m=members: str(d.number(1, len(m)))
            special = dice.number(0, 5)
            if special == 0:
                type_, charset = 'JSON', ''
                make = lambda d: d.one(["'[]'", """'{"b": 1.10, "a": [1, null, "x"]}'""", "'18446744073709551615'", f"JSON_OBJECT('k', {bytes_of(d.text())})"])
            elif special == 1:
                type_, charset = dice.one(['GEOMETRY', 'POINT', 'POINT' + ('' if self.maria else ' SRID 4326')]), ''
                make = lambda d, s='SRID' in type_: 'ST_SRID(POINT(1, 2), 4326)' if s else d.one(['POINT(1, -2)', "ST_GeomFromText('POINT(0 0)')"])
            elif special == 2 and self.maria:
                type_, charset, values = dice.one([('UUID', '', ["'123e4567-e89b-12d3-a456-426655440000'"]), ('INET6', '', ["'::1'", "'ff::ff'"]), ('INET4', '', ["'10.0.0.255'"])])
                make = lambda d, v=values: d.one(v)
            elif special == 3 and not self.maria:
                type_, charset = 'VECTOR(3)', ''
                make = lambda d: "TO_VECTOR('[1,2.5,-3]')"
        null = dice.chance(60)
        text = f'{quoted(name)} {type_}' + (f' {charset}' if charset else '')
        if 'NULL' in type_ or type_ == 'TIMESTAMP':
            null = type_ != 'TIMESTAMP'
        else:
            text += '' if null else ' NOT NULL'
        if default and dice.chance(40):
            text += f' DEFAULT {dice.one(default)}'
        if dice.chance(10):
            text += ' INVISIBLE DEFAULT NULL' if null and 'DEFAULT' not in text else ''
        if dice.chance(15):
            text += f' COMMENT {literal(dice.text(20))}'
        if dice.chance(6):
            text += f' CHECK ({quoted(name)} IS NOT NULL OR {literal(dice.text())} <> {literal("x")})'
        return {'name': name, 'type': type_, 'text': text, 'null': null, 'values': make, 'charset': charset}

    def generated(self, columns):
        """A column that the server computes: most of the traps of a copy are here."""
        dice = self.dice
        base = dice.one(columns)
        c, type_ = quoted(base['name']), base['type']
        if type_.startswith('TIMESTAMP'):
            forms = [('DATE', f'CAST({c} AS DATE)'), ('INT', f'HOUR({c})'), ('BIGINT', f'UNIX_TIMESTAMP({c})'), ('VARCHAR(40)', f"DATE_FORMAT({c}, '%M %W %H')"), ('DATETIME', c)]
        elif type_.startswith('DATE'):
            forms = [('VARCHAR(40)', f"DATE_FORMAT({c}, '%M')"), ('INT', f'YEAR({c})'), ('INT', f'WEEK({c})'), ('DATE', f'{c} + INTERVAL 1 DAY')]
        elif type_.startswith(('CHAR', 'VARCHAR', 'TEXT', 'TINYTEXT', 'LONGTEXT', 'MEDIUMTEXT')):
            forms = [('INT', f'CAST({c} AS SIGNED)'), ('DATE', f"STR_TO_DATE({c}, '%Y-%m-%d')"), ('VARCHAR(3)', c), ('VARCHAR(300)', f'CONCAT({c}, {literal(dice.text(20))})'), ('VARCHAR(10)', f'UPPER(LEFT({c}, 3))'), ('CHAR(32)', f'MD5({c})' if self.maria else f'HEX(LEFT({c}, 4))')]
        elif type_.startswith(('ENUM', 'SET')):
            forms = [('INT', f'{c} + 0'), ('VARCHAR(100)', f'CONCAT({c}, {literal("x")})')]
        elif type_ == 'JSON':
            forms = [('VARCHAR(20)', f"JSON_VALUE({c}, '$.a')"), ('VARCHAR(20)', f"JSON_UNQUOTE(JSON_EXTRACT({c}, '$.b'))")]
        elif type_.startswith(('TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE', 'BOOLEAN')):
            forms = [('DECIMAL(10,2)', f'{c} / 3'), ('INT', f'{c} % 7'), ('DOUBLE', f'{c} * 1.1'), ('VARCHAR(50)', f'CONCAT({c}, {literal(dice.text(20))})'), ('DECIMAL(10,2)', f'{c} * 1.3333 * (1 + 0.0825)'), ('BIGINT UNSIGNED', f'IF({c} > 0, {c}, 0)')]
        else:
            forms = [('INT', f'LENGTH({c})'), ('INT', f'{c} IS NULL')]
        form, expression = dice.one(forms)
        stored = dice.chance(60)
        name = dice.name('g', shortest=True)
        return {'name': name, 'type': form, 'text': f'{quoted(name)} {form} GENERATED ALWAYS AS ({expression}) {"STORED" if stored else "VIRTUAL"}', 'charset': '', 'null': True, 'stored': stored}

    def table(self):
        dice = self.dice
        name = dice.name('t')
        columns = [self.column(name) for _ in range(dice.number(1, 6))]
        computed = [self.generated(columns) for _ in range(dice.number(0, 2))] if dice.chance(50) else []
        parts, keyed = [], dice.number(0, 9)
        if keyed <= 5:
            key = dice.name('id', shortest=True)
            parts.append(f'{quoted(key)} {dice.one(["INT", "BIGINT", "BIGINT UNSIGNED"])} NOT NULL' + (' AUTO_INCREMENT' if dice.chance(50) else '') + ' PRIMARY KEY')
        elif keyed <= 7:
            key = ''
            first = columns[0]
            first['null'] = False
            first['text'] = f'{quoted(first["name"])} {first["type"].replace(" NULL", "").replace(" COMPRESSED", "")} {first["charset"]} NOT NULL'
            prefix = '(4)' if first['type'].startswith(('TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'TINYBLOB', 'BLOB', 'LONGBLOB')) else ''
            columns_of_key = f'{quoted(first["name"])}{prefix}'
            parts.append('')
        else:
            key = ''
        everything = columns + computed
        order = everything[:]
        if dice.chance(30):
            dice.random.shuffle(order)
        parts = [p for p in parts if p] + [c['text'] for c in order]
        if 6 <= keyed <= 7:
            parts.append(f'PRIMARY KEY ({columns_of_key})')
        for column in everything:
            if not dice.chance(20) or column['type'].startswith(('JSON', 'VECTOR')):
                continue
            long = column['type'].startswith(('TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'TINYBLOB', 'BLOB', 'LONGBLOB', 'GEOMETRY', 'POINT'))
            if column['type'].startswith(('GEOMETRY', 'POINT')):
                continue
            parts.append(f'{dice.one(["KEY", "KEY", "UNIQUE KEY", "FULLTEXT KEY" if column["type"].startswith(("TEXT", "VARCHAR")) else "KEY"])} {quoted(dice.name("k", shortest=True))} '
                         f'({quoted(column["name"])}{"(3)" if long else ""}{" DESC" if dice.chance(20) else ""})' + (f' COMMENT {literal(dice.text(30))}' if dice.chance(10) else ''))
        if dice.chance(20):
            parts.append(f'CONSTRAINT {quoted(dice.name("chk", shortest=True))} CHECK ({quoted(dice.one(columns)["name"])} IS NOT NULL OR 1 = 1 OR {literal(dice.text(20))} = {literal("a")})')
        if self.keys and key and dice.chance(40):
            parent = dice.one(list(self.keys))
            column = dice.name('ref', shortest=True)
            type_ = self.keys[parent][1]
            parts.append(f'{quoted(column)} {type_} NULL')
            columns.append({'name': column, 'type': type_, 'null': True, 'values': lambda d: d.one(['NULL', '1', '2']), 'charset': '', 'text': ''})
            parts.append(f'CONSTRAINT {quoted(dice.name("fk", shortest=True))} FOREIGN KEY ({quoted(column)}) REFERENCES {quoted(parent)} ({quoted(self.keys[parent][0])})' + dice.one(['', ' ON DELETE CASCADE', ' ON UPDATE SET NULL']))
        options = dice.some([f'COMMENT={literal(dice.text(30))}', dice.one(['ROW_FORMAT=DYNAMIC', 'ROW_FORMAT=COMPACT', 'ROW_FORMAT=COMPRESSED']), 'STATS_PERSISTENT=0', dice.one(['DEFAULT CHARSET=latin1', 'DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
                             'DEFAULT CHARSET=utf8mb3']), 'AUTO_INCREMENT=1000', 'CHECKSUM=1'], most=2)
        if dice.chance(4):
            options.append(dice.one(['ENGINE=MyISAM', 'ENGINE=Aria' if self.maria else 'ENGINE=MEMORY', 'ENGINE=ARCHIVE']))
        if self.maria and dice.chance(6):
            options.append('WITH SYSTEM VERSIONING')
        partition = ''
        if key and dice.chance(12):
            partition = dice.one([f' PARTITION BY HASH ({quoted(key)}) PARTITIONS 3', f' PARTITION BY RANGE ({quoted(key)}) (PARTITION p0 VALUES LESS THAN (2), PARTITION p1 VALUES LESS THAN MAXVALUE)', f' PARTITION BY KEY () PARTITIONS 2'])
        mode = f'SET SESSION sql_mode = {dice.one(kModes)};\n' if dice.chance(15) else ''
        lax = 'SET SESSION foreign_key_checks = 0;\n' if dice.chance(10) else ''
        self.lines.append(Line('database', mode + lax + f'CREATE TABLE {quoted(name)} (' + ', '.join(parts) + ') ' + ' '.join(options) + partition + ';'))
        self.names.append(name)
        self.columns[name] = columns
        if key:
            self.keys[name] = (key, parts[0].split('` ')[-1].split(' NOT NULL')[0])
        self.rows(name, key, columns)

    def rows(self, name, key, columns):
        dice = self.dice
        for block in range(dice.number(0, 3)):
            text = f"SET SESSION sql_mode = '{dice.one(['', 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'])}', time_zone = {dice.one(kZones)}, lc_time_names = {dice.one(['en_US', 'de_DE'])};\n"
            for i in range(dice.number(1, 8)):
                number = [str(block * 100 + i)] if key else []
                text += (f'INSERT IGNORE INTO {quoted(name)} (' + ', '.join(quoted(n) for n in ([key] if key else []) + [c['name'] for c in columns]) + ') VALUES (' + ', '.join(number + [self.value(c) for c in columns]) + ');\n')
            self.lines.append(Line('database', text))


def code(dice, tables, maria, lines):
    """Views, routines, triggers, events, sequences."""
    def stored(text, modes=True):
        mode = f'SET SESSION sql_mode = {dice.one(kModes)};\n' if modes and dice.chance(20) else ''
        charset = 'SET SESSION character_set_client = latin1, collation_connection = latin1_german1_ci;\n' if dice.chance(8) else ''
        lines.append(Line('database', f'{mode}{charset}DELIMITER {kEnd}\n{text} {kEnd}\nDELIMITER ;'))

    functions, views = [], []
    definer = lambda: dice.one(['', '', '', 'DEFINER=`nobody`@`%` ' if dice.chance(20) else ''])
    note = lambda: f' COMMENT {literal(dice.text(30))}' if dice.chance(20) else ''
    for _ in range(dice.number(0, 3)):
        name = dice.name('f')
        body = dice.one(['RETURN a + 1', f'RETURN LENGTH({literal(dice.text(20))}) + a', 'RETURN IF(a > 0, a, -a)', f'BEGIN DECLARE x INT DEFAULT 0; /* {dice.one(["note", "ü", "日本"])} */ SET x = a * 2; RETURN x; END'])
        stored(f'CREATE {definer()}FUNCTION {quoted(name)}(a INT) RETURNS INT {dice.one(["DETERMINISTIC", "NO SQL", "DETERMINISTIC SQL SECURITY INVOKER"])}{note()} {body}')
        functions.append(name)
    for _ in range(dice.number(0, 2)):
        stored(f'CREATE {definer()}PROCEDURE {quoted(dice.name("p"))}({dice.one(["", "IN a INT", "OUT b VARCHAR(20)", "INOUT c TEXT CHARACTER SET latin1"])}){note()} ' +
               dice.one(['SELECT 1', f'SELECT {literal(dice.text(20))}', f'BEGIN IF 1 < 2 THEN SELECT "quoted"; END IF; END', f'SELECT COUNT(*) FROM {quoted(dice.one(tables.names))}']))
    for _ in range(dice.number(0, 3)):
        name, table = dice.name('v'), dice.one(tables.names + views)
        stored(f'CREATE {dice.one(["", "ALGORITHM=MERGE ", "ALGORITHM=TEMPTABLE "])}{definer()}{dice.one(["", "SQL SECURITY INVOKER "])}VIEW {quoted(name)} AS ' +
               dice.one([f'SELECT * FROM {quoted(table)}', f'SELECT {literal(dice.text(30))} AS x', f'SELECT COUNT(*) AS n, {literal(dice.text())} AS t FROM {quoted(table)}'] + ([f'SELECT {quoted(dice.one(functions))}(1) AS f'] if functions else [])))
        views.append(name)
    for _ in range(dice.number(0, 2)):
        table = dice.one(tables.names)
        stored(f'CREATE {definer()}TRIGGER {quoted(dice.name("tr"))} {dice.one(["BEFORE", "AFTER"])} {dice.one(["INSERT", "UPDATE", "DELETE"])} ON {quoted(table)} FOR EACH ROW ' + dice.one([f'SET @seen = {literal(dice.text(20))}', 'BEGIN SET @a = 1; END']))
    for _ in range(dice.number(0, 2)):
        when = dice.one(['EVERY 1 DAY', "EVERY 1 HOUR STARTS '2031-01-01 00:00:00'", "AT '2033-05-05 05:05:05'", "EVERY 2 MONTH STARTS '2030-01-01 00:00:00' ENDS '2035-01-01 00:00:00'"])
        zone = f'SET SESSION time_zone = {dice.one(kZones)};\n' if dice.chance(40) else ''
        lines.append(Line('database', f'{zone}DELIMITER {kEnd}\nCREATE {definer()}EVENT {quoted(dice.name("e"))} ON SCHEDULE {when} {dice.one(["", "ON COMPLETION PRESERVE"])} {dice.one(["", "DISABLE"])}{note()} DO {dice.one(["SET @e = 1", f"SET @e = {literal(dice.text(20))}"])} {kEnd}\nDELIMITER ;'))
    for _ in range(dice.number(0, 2) if maria else 0):
        name = quoted(dice.name('s'))
        lines.append(Line('database', f'CREATE SEQUENCE {name} {dice.one(["", "START WITH 5 INCREMENT BY 7", "START WITH -1 INCREMENT BY -1", "MINVALUE 1 MAXVALUE 9 CYCLE", "NOCACHE"])};' + dice.one(['', f'\nSELECT NEXTVAL({name}), NEXTVAL({name});', f'\nSELECT SETVAL({name}, 7);', f'\nALTER SEQUENCE {name} RESTART 3;'])))
    if maria and dice.chance(10):
        lines.append(Line('database', f"SET SESSION sql_mode = ORACLE;\nDELIMITER {kEnd}\nCREATE PACKAGE {quoted(dice.name('pkg', shortest=True))} AS FUNCTION one RETURN INT; END {kEnd}\nDELIMITER ;"))


def settings(dice, where, choices, lines):
    for name, values in dice.some(choices, most=3):
        lines.append(Line(where, f'SET GLOBAL {name} = {dice.one(values)};', f'SET GLOBAL {name} = DEFAULT;'))


def generate(dice, pair, seed):
    maria = pair.startswith('mariadb')
    lines = []
    if dice.chance(50):
        settings(dice, 'source', kSourceSettings, lines)
    if dice.chance(50):
        settings(dice, 'target', kTargetSettings, lines)
    tables = Tables(dice, maria)
    for _ in range(dice.number(1, 5)):
        tables.table()
    lines += tables.lines
    code(dice, tables, maria, lines)
    create = 'CREATE DATABASE {}' + dice.one(['', ' CHARACTER SET latin1', ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', ' CHARACTER SET utf8mb3'])
    if maria and dice.chance(20):
        create += f' COMMENT {literal(dice.text(30))}'
    database = dice.one(['shop', 'a-b', 'o`clock', "it's", 'ünï', 'Sys', 'x;y', 'per%cent', 'MiXed', 'a.b'])
    case = Case(pair, seed, database, create.format(quoted(database)), lines)
    if any(engine in line.text for line in lines for engine in ('ENGINE=MyISAM', 'ENGINE=Aria', 'ENGINE=MEMORY', 'ENGINE=ARCHIVE')):
        case.dump.append('--lock-tables')
    if dice.chance(25) and len(tables.names) > 1:
        select = [dice.one(['--exclude-table', '--table']), f'{escaped(database)}.{escaped(dice.one(tables.names))}']
        case.dump += select
        case.verify += select
    case.dump += dice.some(['--jobs=1', '--chunk-size=64K', '--recount'], most=2)
    return case


def escaped(name):
    """As a pattern that means just this name."""
    return ''.join('\\' + c if c in '*?[]\\' else c for c in name)
