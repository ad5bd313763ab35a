"""What a database of PostgreSQL holds, told by pg_dump, its catalogs and psql.
SPDX-License-Identifier: MIT
"""
import hashlib
import re
import urllib.parse

from postgres_objects import kRoles, literal, parts_of, quoted

kHead = re.compile(r'^-- (?:Data for )?Name: (.*?); Type: (.*?); Schema: (.*?); Owner: ?(.*?)(?:; Tablespace: .*)?$')
kSession = "SET search_path = pg_catalog; SET statement_timeout = 0; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 3; SET lc_monetary = 'C'; SET default_transaction_read_only = off; SET row_security = on; SET standard_conforming_strings = on;\n"


def prepare(server):
    """The roles that cases name, which both servers have."""
    for role in kRoles:
        server.sql(f'CREATE ROLE {quoted(role)};')


def url(server, database):
    return f'postgres://postgres@/{urllib.parse.quote(database, safe="")}?host={urllib.parse.quote(server.socket, safe="")}&port={server.port}'


def pieces(text):
    """A dump cut into {(kind, name): text} at the heads that pg_dump writes. A head inside a body cuts it, on both sides alike."""
    out, key, block = {}, None, []

    def close():
        # Settings of the dump itself, which it makes where the next object needs another.
        lines = [line for line in block if line and not line.startswith(('--', '\\', 'SET ', 'SELECT pg_catalog.set_config('))]
        if key and key[0] == 'database properties':
            lines.sort() # in the order in which they were set
        body = '\n'.join(lines).strip()
        if key and body and not key[1].startswith('flytt.') and key != ('schema', 'flytt'):
            out[key] = out.get(key, '') + body + '\n'
        block.clear()

    for line in text.split('\n'):
        match = kHead.match(line)
        if match:
            close()
            key = (match.group(2).lower(), (match.group(3) + '.' if match.group(3) != '-' else '') + match.group(1))
            block.append(f'-- owner {match.group(4)}'[3:])
            continue
        block.append(line)
    close()
    return out


def snapshot(server, database, where=None):
    """{(kind, name): text} of all that the database holds, of tables in `where` the rows that this means; None when there is no such database."""
    if server.lines(kSession + f'SELECT count(*) FROM pg_database WHERE datname = {literal(database)};') != ['1']:
        return None
    status, text, errors = server.dump(database, ['--schema-only', '--create', '--encoding=UTF8'] if encoding(server, database) != 'SQL_ASCII' else ['--schema-only', '--create'])
    out = pieces(text)
    if status:
        out[('dump', 'errors')] = errors
    ask = lambda query: server.lines(kSession + query, database)
    for place in ask("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND n.nspname <> 'flytt' ORDER BY 1;"):
        out[('value of sequence', '.'.join(parts_of(place)))] = '\n'.join(ask(f'SELECT last_value, is_called FROM {place};'))
    for place in ask("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'flytt') AND n.nspname !~ '^pg_toast' ORDER BY 1;"):
        try:
            condition = next((text for table, text in (where or {}).items() if parts_of(table) == parts_of(place)), 'true')
            lines = sorted(ask(f'SELECT t::text FROM ONLY {place} AS t WHERE {condition};'))
        except RuntimeError as error:
            lines = [f'cannot be read: {error}']
        out[('rows of', '.'.join(parts_of(place)))] = hashlib.sha256('\n'.join(lines).encode('utf-8', 'backslashreplace')).hexdigest() + f' ({len(lines)} rows)'
    for line in ask('SELECT l.oid, md5(lo_get(l.oid)), pg_get_userbyid(l.lomowner), l.lomacl FROM pg_largeobject_metadata l ORDER BY 1;'):
        out[('large object', line.split('\t')[0])] = line
    return out


def encoding(server, database):
    return server.lines(f'SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = {literal(database)};')[0]


def drop(server, database):
    server.sql(f'ALTER DATABASE {quoted(database)} RESET ALL;\nDROP DATABASE IF EXISTS {quoted(database)} WITH (FORCE);')
    for role in kRoles:
        server.sql(f'DROP OWNED BY {quoted(role)};')
