// JsonValue: what can be asked of a tree that was read.
// SPDX-License-Identifier: MIT
#include <flytt/codec/json.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

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

}  // namespace

void JsonValue::wrong(std::string_view wanted, const std::string& path) const {
  throw Error(Exit::data, concat("JSON: ", path, " is ", name_of(*this), " where ", wanted, " is wanted"));
}

const std::string& JsonValue::path() const noexcept {
  static const std::string kRoot = "$";
  return path_ ? *path_ : kRoot;
}

std::string JsonValue::path_of(std::string_view key) const { return concat(path(), ".", key); }

std::optional<std::int64_t> JsonValue::whole_signed() const noexcept {
  if (const auto* number = std::get_if<std::int64_t>(&data_)) return *number;
  const auto* number = std::get_if<std::uint64_t>(&data_);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (number != nullptr && *number <= kMost) return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::optional<std::uint64_t> JsonValue::whole_unsigned() const noexcept {
  if (const auto* number = std::get_if<std::uint64_t>(&data_)) return *number;
  const auto* number = std::get_if<std::int64_t>(&data_);
  if (number != nullptr && *number >= 0) return static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

std::optional<double> JsonValue::any_number() const noexcept {
  if (const auto* number = std::get_if<double>(&data_)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*number);
  return std::nullopt;
}

bool JsonValue::as_bool() const {
  if (const auto* truth = std::get_if<bool>(&data_)) return *truth;
  wrong(kBool, path());
}

const std::string& JsonValue::as_string() const {
  if (const auto* text = std::get_if<StringPtr>(&data_)) return **text;
  wrong(kString, path());
}

std::int64_t JsonValue::as_i64() const {
  if (const auto number = whole_signed()) return *number;
  wrong(kSigned, path());
}

std::uint64_t JsonValue::as_u64() const {
  if (const auto number = whole_unsigned()) return *number;
  wrong(kUnsigned, path());
}

double JsonValue::as_double() const {
  if (const auto number = any_number()) return *number;
  wrong(kNumber, path());
}

const std::vector<JsonValue>& JsonValue::as_array() const {
  if (const auto* elements = std::get_if<ArrayPtr>(&data_)) return **elements;
  wrong(kArray, path());
}

const std::vector<JsonValue::Member>& JsonValue::as_object() const {
  if (const auto* members = std::get_if<ObjectPtr>(&data_)) return **members;
  wrong(kObject, path());
}

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const auto& [name, value] : as_object()) {
    if (name == key) return value.is_null() ? nullptr : &value;
  }
  return nullptr;
}

const JsonValue& JsonValue::at(std::string_view key) const {
  for (const auto& [name, value] : as_object()) {
    if (name == key) return value;
  }
  throw Error(Exit::data, concat("JSON: ", path_of(key), " is missing"));
}

const JsonValue& JsonValue::at(std::size_t index) const {
  const auto& elements = as_array();
  if (index < elements.size()) return elements[index];
  throw Error(Exit::data, concat("JSON: ", path(), "[", index, "] is missing"));
}

std::size_t JsonValue::size() const noexcept {
  if (const auto* elements = std::get_if<ArrayPtr>(&data_)) return (*elements)->size();
  if (const auto* members = std::get_if<ObjectPtr>(&data_)) return (*members)->size();
  return 0;
}

bool JsonValue::get_bool(std::string_view key) const {
  const JsonValue& member = at(key);
  if (!member.is_bool()) member.wrong(kBool, path_of(key));
  return member.as_bool();
}

const std::string& JsonValue::get_string(std::string_view key) const {
  const JsonValue& member = at(key);
  if (!member.is_string()) member.wrong(kString, path_of(key));
  return member.as_string();
}

std::int64_t JsonValue::get_i64(std::string_view key) const {
  const JsonValue& member = at(key);
  if (const auto number = member.whole_signed()) return *number;
  member.wrong(kSigned, path_of(key));
}

std::uint64_t JsonValue::get_u64(std::string_view key) const {
  const JsonValue& member = at(key);
  if (const auto number = member.whole_unsigned()) return *number;
  member.wrong(kUnsigned, path_of(key));
}

double JsonValue::get_double(std::string_view key) const {
  const JsonValue& member = at(key);
  if (const auto number = member.any_number()) return *number;
  member.wrong(kNumber, path_of(key));
}

const std::vector<JsonValue>& JsonValue::get_array(std::string_view key) const {
  const JsonValue& member = at(key);
  if (!member.is_array()) member.wrong(kArray, path_of(key));
  return member.as_array();
}

const std::vector<JsonValue::Member>& JsonValue::get_object(std::string_view key) const {
  const JsonValue& member = at(key);
  if (!member.is_object()) member.wrong(kObject, path_of(key));
  return member.as_object();
}

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
  if (const auto* elements = std::get_if<ArrayPtr>(&data_)) {
    writer.array();
    for (const JsonValue& element : **elements) element.write(writer);
    writer.end();
  } else if (const auto* members = std::get_if<ObjectPtr>(&data_)) {
    writer.object();
    for (const auto& [name, value] : **members) value.write(writer.key(name));
    writer.end();
  } else if (const auto* text = std::get_if<StringPtr>(&data_)) {
    writer.value(**text);
  } else if (const auto* truth = std::get_if<bool>(&data_)) {
    writer.value(*truth);
  } else if (const auto* negative = std::get_if<std::int64_t>(&data_)) {
    writer.value(*negative);
  } else if (const auto* whole = std::get_if<std::uint64_t>(&data_)) {
    writer.value(*whole);
  } else if (const auto* number = std::get_if<double>(&data_)) {
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
