// Names of schema objects for messages.
// SPDX-License-Identifier: MIT
#include <flytt/value/schema.hpp>

namespace flytt::value {

std::string_view object_kind_name(ObjectKind kind) noexcept {
  switch (kind) {
    case ObjectKind::account: return "account";
    case ObjectKind::database: return "database";
    case ObjectKind::sequence: return "sequence";
    case ObjectKind::table: return "table";
    case ObjectKind::index: return "index";
    case ObjectKind::foreign_key: return "foreign key";
    case ObjectKind::routine: return "routine";
    case ObjectKind::view: return "view";
    case ObjectKind::trigger: return "trigger";
    case ObjectKind::event: return "event";
    case ObjectKind::grant: return "grant";
    case ObjectKind::sequence_value: return "sequence value";
    case ObjectKind::definitions: return "definitions";
    case ObjectKind::late_definitions: return "late definitions";
    case ObjectKind::refresh: return "refresh";
    case ObjectKind::schema: return "schema";
    case ObjectKind::type: return "type";
    case ObjectKind::extension: return "extension";
    case ObjectKind::policy: return "policy";
    case ObjectKind::rule: return "rule";
    case ObjectKind::statistics: return "statistics";
    case ObjectKind::event_trigger: return "event trigger";
    case ObjectKind::publication: return "publication";
    case ObjectKind::collation: return "collation";
    case ObjectKind::default_grant: return "default grants of";
    case ObjectKind::property: return "property";
    case ObjectKind::other: return "object";
  }
  return "object";
}

std::string SchemaObject::display() const {
  std::string out(object_kind_name(kind));
  out += ' ';
  if (!schema.empty() && kind != ObjectKind::database) out += schema + ".";
  if (!parent.empty() && kind != ObjectKind::trigger) out += parent + ".";
  return out + name;
}

}  // namespace flytt::value
