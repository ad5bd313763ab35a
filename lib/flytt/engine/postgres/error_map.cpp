// What SQLSTATEs mean to us: the one place that knows them, and the quoting that goes into statements.
// Source: "PostgreSQL Error Codes", https://www.postgresql.org/docs/current/errcodes-appendix.html
// SPDX-License-Identifier: MIT
#include <array>
#include <cctype>
#include <new>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Exit;

struct Meaning {
  std::string_view state;  ///< whole, or the two characters of a class
  Exit code;
  bool usable;  ///< the session can go on
  bool retry;   ///< the same again may work and does no harm
  std::string_view hint;
};

constexpr std::string_view kGrantHint = "Grant what the message names to this role, or use one that has it (flytt(7), ACCOUNTS).";
constexpr std::string_view kLoginHint =
    "Check user and password: FLYTT_SOURCE_PASSWORD, FLYTT_TARGET_PASSWORD, ~/.pgpass, PGSERVICE, or ?password-file= (flytt(7), SERVERS).";
constexpr std::string_view kReachHint = "Check host, port, socket and firewall, and that the server runs.";
constexpr std::string_view kTlsHint =
    "Give the authority with ?sslrootcert=/path/ca.pem; ?sslmode=require encrypts without verifying, ?sslmode=disable sends rows in clear.";
constexpr std::string_view kLostHint = "The connection was lost: see the server's log.";
constexpr std::string_view kDiskHint = "Free space on the server's disk, then run the same command again.";
constexpr std::string_view kStoppedHint = "The server is stopping, or somebody ended this session.";

/// Whole states before their classes.
constexpr std::array<Meaning, 29> kMeanings{{
    {"42501", Exit::privilege, true, false, kGrantHint},   // insufficient_privilege
    {"28P01", Exit::privilege, false, false, kLoginHint},  // invalid_password
    {"28", Exit::privilege, false, false, kLoginHint},     // invalid authorization specification
    {"3D000", Exit::unavailable, false, false, "Check the database's name."},
    {"53100", Exit::io, true, false, kDiskHint},           // disk_full
    {"53200", Exit::unavailable, true, false, "The server is short of memory; for locks, raise max_locks_per_transaction or lower --jobs."},
    {"53300", Exit::unavailable, false, true, "Raise max_connections or lower --jobs."},
    {"55P03", Exit::temporary, true, true, "Somebody holds a lock: the same command again continues."},
    {"55006", Exit::unavailable, true, true, "Somebody else is using the object."},
    {"40001", Exit::temporary, true, true, "The same command again continues."},
    {"40P01", Exit::temporary, true, true, "A deadlock was resolved against us: the same command again continues."},
    {"57014", Exit::unavailable, true, false, "The statement was cancelled."},
    {"57P01", Exit::unavailable, false, false, kStoppedHint},
    {"57P02", Exit::unavailable, false, false, kStoppedHint},
    {"57P03", Exit::unavailable, false, true, "The server is starting up."},
    {"57P05", Exit::unavailable, false, false, "The server ended the idle session."},
    {"25006", Exit::unavailable, true, false, "The server, or this database, is read-only."},
    {"25P03", Exit::unavailable, false, false, "The server ended the idle session."},
    {"58", Exit::io, true, false, "See the server's log: its disk or operating system failed it."},
    {"XX001", Exit::data, true, false, "The server found damaged data: see its log before anything else."},
    {"XX002", Exit::data, true, false, "The server found a damaged index: REINDEX it."},
    {"08", Exit::unavailable, false, false, kLostHint},
    {"22", Exit::data, true, false, ""},
    {"23", Exit::data, true, false, ""},
    {"0A", Exit::unavailable, true, false, ""},
    {"42", Exit::unavailable, true, false, ""},
    {"55", Exit::unavailable, true, false, ""},
    {"", Exit::unavailable, false, false, kLostHint},
    {"XX", Exit::unavailable, true, false, ""},
}};

/// The text in one line, with single blanks.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\t' || c == ' ';
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

/// Failures to connect carry words only. Source: the messages of libpq and of the server's authentication.
base::Error connect_error(std::string_view message, base::Facts facts, std::string_view endpoint) {
  const auto has = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  Exit code = Exit::unavailable;
  facts.safe_to_retry = true;
  facts.hint = kReachHint;
  if (has("password authentication failed") || has("no password supplied") || has("authentication failed") || has("no pg_hba.conf entry") ||
      (has("role \"") && has("does not exist")) || has("is not permitted to log in")) {
    code = Exit::privilege;
    facts.hint = has("no pg_hba.conf entry") ? "Add a line for this host, database and role to the server's pg_hba.conf." : kLoginHint;
  } else if (has("permission denied for database")) {
    code = Exit::privilege;
    facts.hint = kGrantHint;
  } else if (has("certificate") || has("SSL") || has("root.crt") || has("sslmode")) {
    code = Exit::config;
    facts.hint = kTlsHint;
  } else if (has("database \"") && has("does not exist")) {
    facts.sqlstate = "3D000";
    facts.safe_to_retry = false;
    facts.hint = "Check the database's name.";
  } else if (has("definition of service") || has("service file")) {
    code = Exit::config;
    facts.hint = "Check PGSERVICE and the service file.";
  } else if (has("too many clients") || has("remaining connection slots")) {
    facts.hint = "Raise max_connections or lower --jobs.";
  }
  return base::Error(code, base::concat(endpoint, ": ", folded(message)), std::move(facts));
}

/// The library's own words for it; a server's come with an SQLSTATE.
bool client_out_of_memory(std::string_view message) {
  for (const std::string_view words : {"out of memory", "cannot allocate memory", "could not allocate", "insufficient memory"})
    if (message.find(words) != std::string_view::npos) return true;
  return false;
}

bool decimal_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

base::Error server_error(std::string_view sqlstate, std::string_view message, std::string_view detail, std::string_view statement,
                         std::string_view endpoint) {
  if ((sqlstate.empty() || sqlstate == "connect") && client_out_of_memory(message))
    return base::as_error(std::bad_alloc()).within(std::string(endpoint));
  base::Facts facts;
  facts.statement = without_values(statement);
  facts.endpoint = endpoint;
  if (sqlstate == "connect") return connect_error(message, std::move(facts), endpoint);
  facts.sqlstate = sqlstate;
  Exit code = Exit::unavailable;
  facts.connection_usable = !sqlstate.empty();
  for (const auto& m : kMeanings) {
    if (m.state.empty() ? !sqlstate.empty() : sqlstate.substr(0, m.state.size()) != m.state) continue;
    code = m.code;
    facts.connection_usable = m.usable;
    facts.safe_to_retry = m.retry;
    facts.hint = m.hint;
    break;
  }
  // The detail of a constraint's error holds values of the row; of others it says what is in the way.
  const bool tells = !detail.empty() && sqlstate.substr(0, 2) != "23" && sqlstate.substr(0, 2) != "22";
  std::string line(message);
  if (sqlstate.empty()) line = folded(message);  // the library breaks its lines
  return base::Error(code, base::concat(endpoint, ": ", line, tells ? " (" : "", tells ? detail : "", tells ? ")" : "",
                                        sqlstate.empty() ? "" : base::concat(" (", sqlstate, ")")),
                     std::move(facts));
}

std::string without_values(std::string_view sql) {
  constexpr std::size_t kLimit = 200;
  std::string out;
  for (std::size_t i = 0; i < sql.size() && out.size() < kLimit;) {
    const char c = sql[i];
    if (c == '\'') {
      for (++i; i < sql.size(); ++i) {
        if (sql[i] != '\'') continue;
        if (i + 1 >= sql.size() || sql[i + 1] != '\'') break;
        ++i;
      }
      ++i;
      out += '?';
    } else if (c == '"') {
      const auto end = sql.find('"', i + 1);
      const auto stop = end == std::string_view::npos ? sql.size() : end + 1;
      out += sql.substr(i, stop - i);
      i = stop;
    } else if (decimal_digit(c) && (out.empty() || !(std::isalnum(static_cast<unsigned char>(out.back())) || out.back() == '_' || out.back() == '$'))) {
      while (i < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[i])) || sql[i] == '.')) ++i;
      out += '?';
    } else {
      out += c;
      ++i;
    }
  }
  if (out.size() >= kLimit) out += "…";
  return out;
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string quote_table(std::string_view schema, std::string_view table) { return quote_name(schema) + "." + quote_name(table); }

std::string quote_text(std::string_view text) {
  const bool escaped = text.find('\\') != std::string_view::npos;
  std::string out = escaped ? "E'" : "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

}  // namespace flytt::engine::postgres
