"""What a database of MariaDB or MySQL holds, told by the product's own dump, its catalogs and its client.
SPDX-License-Identifier: MIT
"""
import hashlib
import re

from mysql_objects import literal, quoted

# What may differ between two servers that hold the same: counters and times, and what another release prints otherwise.
kNoise = [
    (re.compile(r' AUTO_INCREMENT=\d+'), ''), (re.compile(r'^-- .*$', re.M), ''), (re.compile(r'^/\*!\d+ SET .*?;$|^/\*M?!\d+\\- .*$', re.M), ''),
    (re.compile(r'^/\*M!999999.*$', re.M), ''), (re.compile(r'^\s*$\n', re.M), ''),
]
kHead = re.compile(r"^-- (Table structure for table|Temporary table structure for view|Temporary view structure for view|Final view structure for view|Dumping events for database|Dumping routines for database|Sequence structure for|Current Database:) ?[`']?(.*?)[`']?$")
kMade = re.compile(r'(?:CREATE|create)(?:[^\n]*?)\b(FUNCTION|PROCEDURE|TRIGGER|EVENT|PACKAGE BODY|PACKAGE) (?:IF NOT EXISTS )?`((?:[^`]|``)+)`', re.I)
kSession = "SET SESSION sql_mode = '', time_zone = '+00:00', lc_time_names = 'en_US', sql_select_limit = 18446744073709551615, autocommit = ON, max_join_size = 18446744073709551615, group_concat_max_len = 1048576, div_precision_increment = 4, default_week_format = 0;\n"


def pieces(text):
    """A dump cut into {(kind, name): text}. Routines, triggers and events, which share a head, are told apart by the statement."""
    out, head, block = {}, ('', ''), []

    def close():
        made = kMade.search('\n'.join(block))
        key = head
        if made:
            key = (made.group(1).lower(), made.group(2).replace('``', '`'))
        body = '\n'.join(block)
        for noise, instead in kNoise:
            body = noise.sub(instead, body)
        if body.strip():
            out[key] = out.get(key, '') + body.strip() + '\n'
        block.clear()

    for line in text.split('\n'):
        match = kHead.match(line)
        if match:
            close()
            head = (match.group(1), match.group(2))
            continue
        if line.startswith('DELIMITER ') and line != 'DELIMITER ;':
            close()
        block.append(line)
        if line == 'DELIMITER ;':
            close()
    close()
    return out


def column_text(name, type_):
    """An expression whose text is the value, whole: bytes as they are stored, numbers with all digits."""
    name = quoted(name)
    if type_ in ('float', 'double'):
        return f'HEX(CONCAT({name} + 0e0))'
    if type_ == 'bit':
        return f'HEX({name} + 0)'
    if type_ in ('geometry', 'point', 'vector'):
        return f'HEX({name})'
    if type_ == 'json':
        return f'HEX(CAST({name} AS CHAR))'
    if type_ in ('enum', 'set'):
        return f'HEX(CAST({name} AS BINARY)), {name} + 0'
    return f'HEX(CAST({name} AS BINARY))'


def rows(server, database):
    """{table: {column: digest of its values, in the order of the whole row}}: what differs is known by its column."""
    tables = server.lines(kSession + f"SELECT HEX(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {literal(database)} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1;")
    out = {}
    for table in tables:
        name = bytes.fromhex(table).decode()
        columns = [line.split('\t') for line in server.lines(kSession + f'SELECT HEX(COLUMN_NAME), DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {literal(database)} AND TABLE_NAME = {literal(name)} ORDER BY ORDINAL_POSITION;')]
        select = ', '.join(column_text(bytes.fromhex(column).decode(), type_) for column, type_ in columns)
        try:
            lines = sorted(server.lines(kSession + f'SELECT {select} FROM {quoted(database)}.{quoted(name)};'))
        except RuntimeError as error:
            lines = [f'cannot be read: {error}']
        out[name] = hashlib.sha256('\n'.join(lines).encode()).hexdigest() + f' ({len(lines)} rows)'
    return out


def snapshot(server, database, where=None):
    """{(kind, name): text} of all that the database holds; None when there is no such database."""
    there = server.lines(f'SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = BINARY {literal(database)};')
    if there != ['1']:
        return None
    options = ['--no-data', '--routines', '--events', '--triggers', '--skip-dump-date', '--skip-lock-tables', '--force'] + ([] if server.maria else ['--set-gtid-purged=OFF', '--no-tablespaces', '--column-statistics=0'])
    status, text, errors = server.dump(database, options)
    out = pieces(text)
    # What stands between the objects: USE, and DROP before each.
    out = {key: text for key, text in out.items() if key[0] not in ('', 'Current Database:', 'Dumping events for database', 'Dumping routines for database')}
    if status:
        out[('dump', 'errors')] = ''.join(sorted(re.findall(r'(?:Got error|Couldn).*\n', errors)))
    out[('database', database)] = '\n'.join(server.lines(f'SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME{", SCHEMA_COMMENT" if server.maria else ""} FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = BINARY {literal(database)};'))
    if server.maria:
        for line in server.lines(f"SELECT HEX(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {literal(database)} AND TABLE_TYPE = 'SEQUENCE';"):
            name = bytes.fromhex(line).decode()
            out[('sequence', name)] = '\n'.join(server.lines(f'SELECT * FROM {quoted(database)}.{quoted(name)};'))
    for line in server.lines(f'SELECT HEX(TABLE_NAME), AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = {literal(database)} AND AUTO_INCREMENT IS NOT NULL;') if server.maria else []:
        name, value = line.split('\t')
        out[('auto_increment', bytes.fromhex(name).decode())] = value
    for line in server.lines(f'SELECT HEX(ROUTINE_NAME), ROUTINE_TYPE, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, SECURITY_TYPE, DEFINER, HEX(ROUTINE_COMMENT) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {literal(database)} ORDER BY 1, 2;'):
        name, rest = line.split('\t', 1)
        key = ('attributes of routine', bytes.fromhex(name).decode()) # a function and a procedure may share it
        out[key] = out.get(key, '') + rest + '\n'
    for line in server.lines(f'SELECT HEX(EVENT_NAME), DEFINER, TIME_ZONE, SQL_MODE, STATUS, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, ENDS, ON_COMPLETION, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {literal(database)};'):
        name, rest = line.split('\t', 1)
        out[('attributes of event', bytes.fromhex(name).decode())] = rest
    for name, digest in rows(server, database).items():
        out[('rows of', name)] = digest
    return out


def drop(server, database):
    server.sql(f'SET SESSION foreign_key_checks = 0; DROP DATABASE IF EXISTS {quoted(database)}; DROP DATABASE IF EXISTS flytt;')
