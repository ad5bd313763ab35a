// JSON text: a writer that streams it, and a small tree that was read from it.
// Layer: codec (1).  Thread rule: a writer belongs to one thread; a JsonValue never changes, any thread may read it.
// Format: RFC 8259.
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace flytt::codec {

/// Appends one JSON value to a string, without blanks or line feeds. Bytes that are not UTF-8 become U+FFFD.
/// `JsonWriter(out).object().key("rows").value(3).end();` gives {"rows":3}.
class JsonWriter {
public:
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  /// Ends the innermost object or array. Throws: Exit::bug when none is open or a key waits for its value.
  JsonWriter& end();
  /// Throws: Exit::bug outside of an object.
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  /// The shortest text that reads back to the same number; NaN and the infinities, which JSON lacks, become null.
  JsonWriter& value(double number);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& value(T number) {
    return raw(std::to_string(number));
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : value(nullptr);
  }

  /// key and value in one.
  template <class T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  /// A value that is JSON text already. The caller answers for it.
  JsonWriter& raw(std::string_view json);

  /// True when everything opened was ended.
  bool complete() const noexcept { return open_.empty() && !after_key_; }

private:
  JsonWriter& open(char begin, char end);
  void before_value();

  std::string& out_;
  std::string open_;          // the closing brackets still due
  bool first_ = true;         // nothing yet in the innermost one
  bool after_key_ = false;
};

/// A value as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);

/// What a text may cost before it is refused. Both bounds are looked at before memory is taken.
struct JsonLimits {
  std::size_t bytes = std::size_t{64} << 20;   ///< of the whole text
  std::size_t values = std::size_t{1} << 20;   ///< members' names count too
  std::size_t text = std::size_t{64} << 20;    ///< bytes of one string
  std::size_t levels = 200;
};

struct JsonTree;

/// One value of a tree that was read. Copies share the tree.
/// Memory: of a whole tree at most eight bytes a value (sixteen for a number that is not small) and the bytes of its strings.
class JsonValue {
public:
  using Member = std::pair<std::string, JsonValue>;
  class Elements;
  class Members;

  JsonValue() = default;  ///< null

  /// Reads exactly one value. Throws: Exit::data for what is not JSON, a key that comes twice, or more than the limits.
  static JsonValue parse(std::string_view text, const JsonLimits& limits = {});

  bool is_null() const noexcept;
  bool is_bool() const noexcept;
  bool is_string() const noexcept;
  bool is_array() const noexcept;
  bool is_object() const noexcept;
  bool is_number() const noexcept;

  // What it is, or Exit::data naming the path. A number is taken where it fits exactly: 3 as any, 3.0 only as a double.
  bool as_bool() const;
  std::string as_string() const;
  std::int64_t as_i64() const;
  std::uint64_t as_u64() const;
  double as_double() const;
  Elements as_array() const;
  Members as_object() const;  ///< in the order of the text

  /// The member, or Exit::data naming it.
  JsonValue at(std::string_view key) const;
  /// The element, or Exit::data. Walks there: to see all of them, use as_array().
  JsonValue at(std::size_t index) const;
  /// The member, or nothing; also when it is null. Throws: Exit::data when this is no object.
  std::optional<JsonValue> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }
  /// Elements or members; 0 for other values.
  std::size_t size() const noexcept;

  // at(key) and as_...() in one.
  bool get_bool(std::string_view key) const;
  std::string get_string(std::string_view key) const;
  std::int64_t get_i64(std::string_view key) const;
  std::uint64_t get_u64(std::string_view key) const;
  double get_double(std::string_view key) const;
  Elements get_array(std::string_view key) const;
  Members get_object(std::string_view key) const;

  // The same with a value for a member that is missing or null; a member of another type is still an error.
  bool get_bool(std::string_view key, bool otherwise) const;
  std::string get_string(std::string_view key, std::string otherwise) const;
  std::int64_t get_i64(std::string_view key, std::int64_t otherwise) const;
  std::uint64_t get_u64(std::string_view key, std::uint64_t otherwise) const;
  double get_double(std::string_view key, double otherwise) const;

  /// Where it stands in the text, "$.tables[3].name". Looked for when it is asked for, which is when an error is told.
  std::string path() const;

  /// Back to JSON text.
  void write(JsonWriter& writer) const;
  std::string text() const;

private:
  JsonValue(std::shared_ptr<const JsonTree> tree, std::uint32_t node) : tree_(std::move(tree)), node_(node) {}

  std::optional<std::int64_t> whole_signed() const noexcept;
  std::optional<std::uint64_t> whole_unsigned() const noexcept;
  std::optional<double> any_number() const noexcept;
  std::optional<JsonValue> member(std::string_view key) const;
  [[noreturn]] void wrong(std::string_view wanted) const;

  std::shared_ptr<const JsonTree> tree_;  // none: null
  std::uint32_t node_ = 0;
};

/// An array's elements, one after the other.
class JsonValue::Elements {
public:
  class Iterator {
  public:
    JsonValue operator*() const { return JsonValue(*tree_, node_); }
    Iterator& operator++();
    bool operator==(const Iterator& other) const noexcept { return node_ == other.node_; }

  private:
    friend class Elements;
    Iterator(const std::shared_ptr<const JsonTree>& tree, std::uint32_t node) : tree_(&tree), node_(node) {}
    const std::shared_ptr<const JsonTree>* tree_;
    std::uint32_t node_;
  };
  Iterator begin() const { return {array_.tree_, array_.node_ + 1}; }
  Iterator end() const;
  std::size_t size() const noexcept { return array_.size(); }
  bool empty() const noexcept { return size() == 0; }
  /// Walks there.
  JsonValue operator[](std::size_t index) const { return array_.at(index); }

private:
  friend class JsonValue;
  explicit Elements(JsonValue array) : array_(std::move(array)) {}
  JsonValue array_;
};

/// An object's members, in the order of the text.
class JsonValue::Members {
public:
  class Iterator {
  public:
    Member operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const noexcept { return node_ == other.node_; }

  private:
    friend class Members;
    Iterator(const std::shared_ptr<const JsonTree>& tree, std::uint32_t node) : tree_(&tree), node_(node) {}
    const std::shared_ptr<const JsonTree>* tree_;
    std::uint32_t node_;
  };
  Iterator begin() const { return {object_.tree_, object_.node_ + 1}; }
  Iterator end() const;
  std::size_t size() const noexcept { return object_.size(); }
  bool empty() const noexcept { return size() == 0; }

private:
  friend class JsonValue;
  explicit Members(JsonValue object) : object_(std::move(object)) {}
  JsonValue object_;
};

}  // namespace flytt::codec
