// JsonValue: what can be asked of a tree that was read.
// SPDX-License-Identifier: MIT
#include <flytt/codec/json.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json_tree.hpp>

#include <bit>
#include <limits>

namespace flytt::codec {

using base::concat;
using base::Error;
using base::Exit;

namespace {

constexpr std::string_view kBool = "true or false";
constexpr std::string_view kString = "a string";
constexpr std::string_view kSigned = "a whole number of 64 bits";
constexpr std::string_view kUnsigned = "a whole number of 64 bits, not below 0";
constexpr std::string_view kNumber = "a number";
constexpr std::string_view kArray = "an array";
constexpr std::string_view kObject = "an object";

std::string_view name_of(const JsonValue& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "true or false";
  if (value.is_string()) return kString;
  if (value.is_array()) return kArray;
  if (value.is_object()) return kObject;
  return "another number";
}

JsonKind kind_of(const JsonTree* tree, std::uint32_t node) noexcept { return tree == nullptr ? JsonKind::null : tree->node(node).kind; }

}  // namespace

bool JsonValue::is_null() const noexcept { return kind_of(tree_.get(), node_) == JsonKind::null; }
bool JsonValue::is_bool() const noexcept { return kind_of(tree_.get(), node_) == JsonKind::boolean; }
bool JsonValue::is_string() const noexcept { return kind_of(tree_.get(), node_) == JsonKind::string; }
bool JsonValue::is_array() const noexcept { return kind_of(tree_.get(), node_) == JsonKind::array; }
bool JsonValue::is_object() const noexcept { return kind_of(tree_.get(), node_) == JsonKind::object; }
bool JsonValue::is_number() const noexcept {
  const auto kind = kind_of(tree_.get(), node_);
  return kind >= JsonKind::small && kind <= JsonKind::real;
}

void JsonValue::wrong(std::string_view wanted) const {
  throw Error(Exit::data, concat("JSON: ", path(), " is ", name_of(*this), " where ", wanted, " is wanted"));
}

std::string JsonValue::path() const {
  std::string out = "$";
  if (!tree_) return out;
  for (std::uint32_t above = 0; above != node_;) {
    const bool object = tree_->node(above).kind == JsonKind::object;
    std::uint32_t at = above + 1;
    for (std::size_t index = 0;; ++index) {
      const std::uint32_t value = object ? at + 1 : at, next = tree_->after(value);
      if (node_ >= next) {
        at = next;
        continue;
      }
      out += object ? concat(".", tree_->string(tree_->node(at))) : concat("[", index, "]");
      above = value;
      break;
    }
  }
  return out;
}

std::optional<std::int64_t> JsonValue::whole_signed() const noexcept {
  if (kind_of(tree_.get(), node_) == JsonKind::signed_wide) return static_cast<std::int64_t>(tree_->wide(node_));
  if (kind_of(tree_.get(), node_) == JsonKind::small_negative) return -std::int64_t{tree_->node(node_).at};
  const auto number = whole_unsigned();
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return number && *number <= kMost ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

std::optional<std::uint64_t> JsonValue::whole_unsigned() const noexcept {
  if (kind_of(tree_.get(), node_) == JsonKind::unsigned_wide) return tree_->wide(node_);
  if (kind_of(tree_.get(), node_) == JsonKind::small) return tree_->node(node_).at;
  return std::nullopt;
}

std::optional<double> JsonValue::any_number() const noexcept {
  if (kind_of(tree_.get(), node_) == JsonKind::real) return std::bit_cast<double>(tree_->wide(node_));
  if (const auto number = whole_unsigned()) return static_cast<double>(*number);
  if (const auto number = whole_signed()) return static_cast<double>(*number);
  return std::nullopt;
}

bool JsonValue::as_bool() const {
  if (is_bool()) return tree_->node(node_).at != 0;
  wrong(kBool);
}

std::string JsonValue::as_string() const {
  if (is_string()) return std::string(tree_->string(tree_->node(node_)));
  wrong(kString);
}

std::int64_t JsonValue::as_i64() const {
  if (const auto number = whole_signed()) return *number;
  wrong(kSigned);
}

std::uint64_t JsonValue::as_u64() const {
  if (const auto number = whole_unsigned()) return *number;
  wrong(kUnsigned);
}

double JsonValue::as_double() const {
  if (const auto number = any_number()) return *number;
  wrong(kNumber);
}

JsonValue::Elements JsonValue::as_array() const {
  if (is_array()) return Elements(*this);
  wrong(kArray);
}

JsonValue::Members JsonValue::as_object() const {
  if (is_object()) return Members(*this);
  wrong(kObject);
}

JsonValue::Elements::Iterator& JsonValue::Elements::Iterator::operator++() {
  node_ = (*tree_)->after(node_);
  return *this;
}

JsonValue::Elements::Iterator JsonValue::Elements::end() const { return {array_.tree_, array_.tree_->after(array_.node_)}; }

JsonValue::Member JsonValue::Members::Iterator::operator*() const {
  return {std::string((*tree_)->string((*tree_)->node(node_))), JsonValue(*tree_, node_ + 1)};
}

JsonValue::Members::Iterator& JsonValue::Members::Iterator::operator++() {
  node_ = (*tree_)->after(node_ + 1);
  return *this;
}

JsonValue::Members::Iterator JsonValue::Members::end() const { return {object_.tree_, object_.tree_->after(object_.node_)}; }

std::optional<JsonValue> JsonValue::member(std::string_view key) const {
  if (!is_object()) wrong(kObject);
  const auto end = tree_->after(node_);
  for (auto name = node_ + 1; name < end; name = tree_->after(name + 1))
    if (tree_->string(tree_->node(name)) == key) return JsonValue(tree_, name + 1);
  return std::nullopt;
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  auto found = member(key);
  if (found && found->is_null()) found.reset();
  return found;
}

JsonValue JsonValue::at(std::string_view key) const {
  if (auto found = member(key)) return *std::move(found);
  throw Error(Exit::data, concat("JSON: ", path(), ".", key, " is missing"));
}

JsonValue JsonValue::at(std::size_t index) const {
  const auto elements = as_array();
  if (index >= elements.size()) throw Error(Exit::data, concat("JSON: ", path(), "[", index, "] is missing"));
  auto at = elements.begin();
  while (index-- > 0) ++at;
  return *at;
}

std::size_t JsonValue::size() const noexcept { return is_array() || is_object() ? tree_->node(node_).size : 0; }

bool JsonValue::get_bool(std::string_view key) const { return at(key).as_bool(); }
std::string JsonValue::get_string(std::string_view key) const { return at(key).as_string(); }
std::int64_t JsonValue::get_i64(std::string_view key) const { return at(key).as_i64(); }
std::uint64_t JsonValue::get_u64(std::string_view key) const { return at(key).as_u64(); }
double JsonValue::get_double(std::string_view key) const { return at(key).as_double(); }
JsonValue::Elements JsonValue::get_array(std::string_view key) const { return at(key).as_array(); }
JsonValue::Members JsonValue::get_object(std::string_view key) const { return at(key).as_object(); }

bool JsonValue::get_bool(std::string_view key, bool otherwise) const { return has(key) ? get_bool(key) : otherwise; }

std::string JsonValue::get_string(std::string_view key, std::string otherwise) const {
  return has(key) ? get_string(key) : std::move(otherwise);
}

std::int64_t JsonValue::get_i64(std::string_view key, std::int64_t otherwise) const {
  return has(key) ? get_i64(key) : otherwise;
}

std::uint64_t JsonValue::get_u64(std::string_view key, std::uint64_t otherwise) const {
  return has(key) ? get_u64(key) : otherwise;
}

double JsonValue::get_double(std::string_view key, double otherwise) const {
  return has(key) ? get_double(key) : otherwise;
}

void JsonValue::write(JsonWriter& writer) const {
  if (is_array()) {
    writer.array();
    for (const JsonValue& element : as_array()) element.write(writer);
    writer.end();
  } else if (is_object()) {
    writer.object();
    for (const auto& [name, value] : as_object()) value.write(writer.key(name));
    writer.end();
  } else if (is_string()) {
    writer.value(tree_->string(tree_->node(node_)));
  } else if (is_bool()) {
    writer.value(as_bool());
  } else if (const auto whole = whole_unsigned()) {
    writer.value(*whole);
  } else if (const auto negative = whole_signed()) {
    writer.value(*negative);
  } else if (const auto number = any_number()) {
    writer.value(*number);
  } else {
    writer.value(nullptr);
  }
}

std::string JsonValue::text() const {
  std::string out;
  JsonWriter writer(out);
  write(writer);
  return out;
}

}  // namespace flytt::codec
