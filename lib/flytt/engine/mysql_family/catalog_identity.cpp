// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/catalog_identity.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>

namespace flytt::engine::mysql_family {
namespace {

bool plain(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::uint32_t code_point(std::string_view sequence) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
    case 3: return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    default: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
  }
}

/// "@00e4" for 0xe4.
std::string four_digits(std::uint32_t code) {
  std::string out = "@0000";
  for (int i = 4; i > 0; --i, code >>= 4) out[static_cast<std::size_t>(i)] = "0123456789abcdef"[code & 15];
  return out;
}

/// Bytes of `rest` that encode the character `code`; 0 when they do not.
std::size_t encoded_length(std::string_view rest, std::uint32_t code) {
  if (rest.size() >= 5 && base::equal_ignoring_case(rest.substr(0, 5), four_digits(code))) return 5;
  return code >= 0x80 && rest.size() >= 3 && rest[0] == '@' ? 3 : 0;
}

std::string key_of(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (plain(c)) out.push_back(c);
  return out;
}

}  // namespace

bool may_be_name(std::string_view encoded, std::string_view name) noexcept {
  std::size_t e = 0;
  for (std::size_t n = 0; n < name.size();) {
    const std::size_t size = std::max<std::size_t>(base::utf8_length_at(name, n), 1);
    const std::string_view rest = encoded.substr(std::min(e, encoded.size()));
    const std::size_t used = plain(name[n]) ? (!rest.empty() && rest[0] == name[n] ? 1 : 0) : encoded_length(rest, code_point(name.substr(n, size)));
    if (used == 0) return false;
    e += used;
    n += size;
  }
  return e == encoded.size() || encoded.substr(e) == "@@@";  // how names of devices, such as "con", are kept apart
}

StoredName cut_stored_name(std::string_view stored) noexcept {
  const auto slash = stored.find('/');
  if (slash == std::string_view::npos) return {};
  StoredName out{.schema = stored.substr(0, slash), .table = stored.substr(slash + 1), .partition = {}};
  const auto hash = out.table.find('#');  // in a name it would stand as @0023
  if (hash == std::string_view::npos) return out;
  out.partition = out.table.substr(hash);
  out.table = hash == 0 ? std::string_view() : out.table.substr(0, hash);
  return out;
}

namespace {

/// Identities of the tables of one database, from InnoDB's table of tables and the time of creation.
class Identities {
 public:
  Identities(Connection& c, FamilyServer& server) : c_(c) {
    stored_ = c.query(server.caps().innodb_sys_tables
                          ? "SELECT NAME, TABLE_ID, N_COLS FROM information_schema.INNODB_SYS_TABLES ORDER BY TABLE_ID"
                          : "SELECT NAME, TABLE_ID, N_COLS FROM information_schema.INNODB_TABLES ORDER BY TABLE_ID");
    for (std::size_t i = 0; i < stored_.rows.size(); ++i) {
      const StoredName name = cut_stored_name(*stored_.rows[i][0]);
      if (!name.table.empty()) by_letters_[letters(name)].push_back(i);
    }
  }

  /// "17:5,18:5@2024-01-01 00:00:00"; empty when the table is gone.
  std::string of(const value::TableName& name) {
    const auto created = creation_times(name.schema);
    const auto at = created->find(name.table);
    if (at == created->end()) return {};
    std::vector<std::string> parts;
    for (const std::size_t i : by_letters_[key_of(name.schema) + "/" + key_of(name.table)]) {
      const auto& row = stored_.rows[i];
      const StoredName stored = cut_stored_name(*row[0]);
      if (may_be_name(stored.schema, name.schema) && may_be_name(stored.table, name.table))
        parts.push_back(row[1].value_or("") + ":" + row[2].value_or(""));
    }
    return base::join(parts, ",") + "@" + at->second;
  }

 private:
  /// The letters and digits of a name that are stored as they are: a cheap first cut.
  static std::string letters(const StoredName& name) {
    const auto bare = [](std::string_view encoded) {
      std::string out;
      for (std::size_t i = 0; i < encoded.size();) {
        if (encoded[i] != '@') out.push_back(encoded[i++]);
        else i += hex_code(encoded.substr(i)) ? 5 : 3;
      }
      return out;
    };
    return bare(name.schema) + "/" + bare(name.table);
  }

  static bool hex_code(std::string_view rest) noexcept {
    if (rest.size() < 5) return false;
    return std::all_of(rest.begin() + 1, rest.begin() + 5,
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  }

  const std::map<std::string, std::string>* creation_times(const std::string& schema) {
    auto [at, fresh] = created_.try_emplace(schema);
    if (fresh) {
      const Result r = c_.query("SELECT TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(schema));
      for (const auto& row : r.rows) at->second[row[0].value_or("")] = row[1].value_or("");
    }
    return &at->second;
  }

  Connection& c_;
  Result stored_;
  std::map<std::string, std::vector<std::size_t>> by_letters_;
  std::map<std::string, std::map<std::string, std::string>> created_;
};

}  // namespace

std::map<value::TableName, std::string> read_identities(Connection& c, FamilyServer& server, const std::vector<value::Table>& tables) {
  Identities identities(c, server);
  std::map<value::TableName, std::string> out;
  for (const value::Table& table : tables) {
    std::string identity = identities.of(table.name);
    if (!identity.empty()) out.emplace(table.name, std::move(identity));
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
