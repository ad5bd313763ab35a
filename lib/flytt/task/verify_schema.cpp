// Definitions side by side.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_schema.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <flytt/base/text.hpp>

namespace flytt::task::compare {
namespace {

using value::ObjectKind;
using value::SchemaObject;

constexpr std::size_t kShown = 160;  // bytes of a definition's line

using ObjectKey = std::tuple<ObjectKind, std::string, std::string, std::string>;

/// What is compared elsewhere or cannot be equal: accounts are not part of a copy, databases have their own comparison, a
/// sequence's next value moves by itself.
bool compared(ObjectKind kind) noexcept {
  return kind != ObjectKind::account && kind != ObjectKind::grant && kind != ObjectKind::database && kind != ObjectKind::sequence_value;
}

/// The first line in which two texts differ, for both.
std::pair<std::string, std::string> first_difference(std::string_view a, std::string_view b) {
  const auto x = base::split(a, '\n'), y = base::split(b, '\n');
  std::size_t i = 0;
  while (i < x.size() && i < y.size() && x[i] == y[i]) ++i;
  const auto line = [](const auto& lines, std::size_t at) {
    return at < lines.size() ? base::quote_for_message(base::trim(lines[at]), kShown) : std::string("nothing");
  };
  return {line(x, i), line(y, i)};
}

std::string on_both(std::string_view what, std::string_view source, std::string_view target) {
  return base::concat(what, source, " on the source, ", target, " on the target");
}

/// Everything but the text that decides how an object behaves.
std::string settings_difference(const SchemaObject& a, const SchemaObject& b) {
  const auto shown = [](const std::string& s) { return base::quote_for_message(s); };
  struct Setting {
    std::string_view name;
    const std::string SchemaObject::*member;
  };
  static constexpr std::array<Setting, 5> kSettings{{{"mode ", &SchemaObject::sql_mode},
                                                     {"character set ", &SchemaObject::charset},
                                                     {"collation ", &SchemaObject::collation},
                                                     {"time zone ", &SchemaObject::time_zone},
                                                     {"definer ", &SchemaObject::definer}}};
  for (const auto& [name, member] : kSettings) {
    if (a.*member != b.*member) return on_both(name, shown(a.*member), shown(b.*member));
  }
  return {};
}

class Comparison {
 public:
  explicit Comparison(const Matched& matched) {
    one_sided_.insert(matched.missing.begin(), matched.missing.end());
    one_sided_.insert(matched.extra.begin(), matched.extra.end());
  }

  void databases(const engine::Contents& source, const engine::Contents& target, Texts texts) {
    std::map<std::string, std::array<const value::Database*, 2>> both;
    for (const auto& d : source.databases) both[d.name][0] = &d;
    for (const auto& d : target.databases) both[d.name][1] = &d;
    for (const auto& [name, side] : both) {
      const std::string object = "database " + name;
      if (side[0] == nullptr || side[1] == nullptr) {
        one_sided_databases_.insert(name);
        add(object, std::string(side[0] == nullptr ? kOnlyOnTarget : kMissingOnTarget));
      } else if (side[0]->charset != side[1]->charset) {
        add(object, on_both("default character set ", side[0]->charset, side[1]->charset));
      } else if (side[0]->collation != side[1]->collation) {
        add(object, on_both("default collation ", side[0]->collation, side[1]->collation));
      } else if (texts == Texts::compare && side[0]->comment != side[1]->comment) {  // not every product has them
        add(object, on_both("comment ", base::quote_for_message(side[0]->comment), base::quote_for_message(side[1]->comment)));
      }
    }
  }

  void objects(engine::Catalog& source_catalog, const engine::Contents& source, engine::Catalog& target_catalog,
               const engine::Contents& target, Texts texts) {
    std::map<ObjectKey, std::array<const SchemaObject*, 2>> both;
    collect(source, both, 0);
    collect(target, both, 1);
    for (const auto& [key, side] : both) {
      if (side[0] == nullptr || side[1] == nullptr) {
        const SchemaObject& object = *(side[0] == nullptr ? side[1] : side[0]);
        // What a database was given here, for its new server, stays; and what its server has made, where nobody has used it.
        if (side[0] == nullptr && (object.kind == ObjectKind::property || object.of_server)) continue;
        add(object.display(), std::string(side[0] == nullptr ? kOnlyOnTarget : kMissingOnTarget));
        continue;
      }
      if (texts == Texts::ignore) continue;
      const std::string a = source_catalog.comparable(*side[0]), b = target_catalog.comparable(*side[1]);
      if (a != b) {
        const auto [x, y] = first_difference(a, b);
        add(side[0]->display(), on_both({}, x, y));
      } else if (const std::string settings = settings_difference(*side[0], *side[1]); !settings.empty()) {
        add(side[0]->display(), settings);
      }
    }
  }

  std::vector<SchemaDifference> take() { return std::move(differences_); }

 private:
  void add(std::string object, std::string text) { differences_.push_back({std::move(object), std::move(text)}); }

  void collect(const engine::Contents& contents, std::map<ObjectKey, std::array<const SchemaObject*, 2>>& both, std::size_t side) const {
    for (const auto& o : contents.objects) {
      const std::string& table = o.kind == ObjectKind::table || o.parent.empty() ? o.name : o.parent;
      if (!compared(o.kind) || one_sided_databases_.count(o.schema) != 0 || one_sided_.count({o.schema, table}) != 0) continue;
      both[{o.kind, o.schema, o.parent, o.name}][side] = &o;
    }
  }

  std::set<value::TableName> one_sided_;
  std::set<std::string> one_sided_databases_;
  std::vector<SchemaDifference> differences_;
};

}  // namespace

std::vector<SchemaDifference> compare_schemas(engine::Catalog& source_catalog, const engine::Contents& source,
                                              engine::Catalog& target_catalog, const engine::Contents& target,
                                              const Matched& matched, Texts texts) {
  Comparison comparison(matched);
  comparison.databases(source, target, texts);
  comparison.objects(source_catalog, source, target_catalog, target, texts);
  return comparison.take();
}

}  // namespace flytt::task::compare
