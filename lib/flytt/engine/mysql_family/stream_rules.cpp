// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/stream_rules.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/definition_check.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::concat;
using base::quote_for_message;
using value::ObjectKind;

/// Behind it a name is a file's or folder's, as it is: "#mysql50#mysql" are the server's own tables.
/// Source: https://dev.mysql.com/doc/refman/8.4/en/identifier-mapping.html
bool names_a_file(std::string_view name) { return base::lower(name.substr(0, 9)) == "#mysql50#"; }

class FamilyStreamRules final : public StreamRules {
 public:
  bool of_engine() const override { return true; }

  void check(const value::Manifest& m) const override {
    StreamRules::check(m);
    for (const auto& t : m.tables)
      if (names_a_file(t.name.table)) refuse(concat("HELLO names the table ", quote_for_message(t.name.display()), ", which is the name of a file"));
  }

  void check(const value::Manifest& m, const value::SchemaObject& o) const override {
    StreamRules::check(m, o);
    belongs(m, o);
    check_definition(o, names(m));
  }

  void check(const value::Manifest& m, const std::vector<value::SchemaObject>& objects, Code, const base::Context&) const override {
    if (m.scope.data_only) return;
    for (const auto& t : m.tables) {
      const bool defined = std::any_of(objects.begin(), objects.end(), [&](const auto& o) {
        return o.kind == ObjectKind::table && o.schema == t.name.schema && o.name == t.name.table;
      });
      if (!defined) refuse(concat("HELLO names the table ", quote_for_message(t.name.display()), ", and the stream has no definition of it"));
    }
  }

  std::string folded(const value::Manifest& m, std::string_view name) const override {
    return names(m) == Names::folded ? base::lower(name) : std::string(name);
  }

  std::vector<std::string> statements(const value::SchemaObject& o, Code, const base::Context&) const override {
    return {o.kind == ObjectKind::account ? without_password(o.statement) : o.statement};
  }

 protected:
  bool of_server(std::string_view name) const override { return is_system_database(name) || names_a_file(name); }

 private:
  static Names names(const value::Manifest& m) {
    const auto at = m.source.settings.find("lower_case_table_names");
    return at != m.source.settings.end() && at->second != "0" && !at->second.empty() ? Names::folded : Names::exact;
  }

  /// Tables and what hangs on them are in HELLO. A selection of tables has the views that it names and what these and their triggers
  /// call, and no events.
  void belongs(const value::Manifest& m, const value::SchemaObject& o) const {
    const bool attached = o.kind == ObjectKind::index || o.kind == ObjectKind::foreign_key || o.kind == ObjectKind::trigger;
    const value::TableName name{o.schema, attached ? o.parent : o.name};
    if (attached || o.kind == ObjectKind::table) {
      const bool named = std::any_of(m.tables.begin(), m.tables.end(), [&](const auto& t) { return t.name == name; });
      if (!named) refuse(concat(o.display(), " is of the table ", quote_for_message(name.display()), ", which HELLO does not name"));
    }
    const bool sequence = o.kind == ObjectKind::sequence || o.kind == ObjectKind::sequence_value;
    const bool named = o.kind == ObjectKind::view || (sequence && !m.scope.chooses_tables());
    if ((named && !m.scope.covers(name)) || ((named || sequence) && names_a_file(o.name)) || (o.kind == ObjectKind::event && m.scope.chooses_tables()))
      refuse(concat(o.display(), " is not in the scope that HELLO names"));
  }
};

}  // namespace

std::unique_ptr<StreamRules> make_stream_rules() { return std::make_unique<FamilyStreamRules>(); }

}  // namespace flytt::engine::mysql_family
