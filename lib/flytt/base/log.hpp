// What the code has to say while it works. cli/ decides where it goes and how it looks; here is only the shape.
// Layer: base (0).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace flytt::base {

enum class Level { error, warn, info, debug, trace };

/// "error", "warn", ...
std::string_view name(Level level) noexcept;

/// One value of an event. Takes any string, integer, float or bool; std::visit and std::get see the variant.
struct FieldValue : std::variant<std::string, std::int64_t, std::uint64_t, double, bool> {
  using Variant = std::variant<std::string, std::int64_t, std::uint64_t, double, bool>;

  template <class T>
    requires std::is_convertible_v<const T&, std::string_view>
  FieldValue(const T& text) : Variant(std::in_place_type<std::string>, std::string_view(text)) {}
  FieldValue(bool value) : Variant(value) {}
  template <std::signed_integral T>
  FieldValue(T value) : Variant(std::int64_t{value}) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  FieldValue(T value) : Variant(std::uint64_t{value}) {}
  template <std::floating_point T>
  FieldValue(T value) : Variant(static_cast<double>(value)) {}

  const Variant& variant() const noexcept { return *this; }
};

/// Named values in the order they are to be shown.
using Fields = std::vector<std::pair<std::string, FieldValue>>;

/// The value as text, as a person reads it.
std::string to_text(const FieldValue& value);

class Log {
public:
  virtual ~Log();

  /// One record. `event` is a stable name for scripts ("chunk_loaded"), or "message"; `text` a sentence for people, or empty.
  virtual void write(Level level, std::string_view event, std::string_view text, const Fields& fields) = 0;

  /// False when a record of this level would be dropped, so that costly text need not be made.
  virtual bool enabled(Level level) const;

  void error(std::string_view text) { write(Level::error, "message", text, {}); }
  void warn(std::string_view text) { write(Level::warn, "message", text, {}); }
  void info(std::string_view text) { write(Level::info, "message", text, {}); }
  void debug(std::string_view text) { write(Level::debug, "message", text, {}); }
  void event(std::string_view event_name, const Fields& fields = {}, Level level = Level::info) {
    write(level, event_name, {}, fields);
  }
};

/// Drops everything.
class NullLog final : public Log {
public:
  void write(Level, std::string_view, std::string_view, const Fields&) override;
  bool enabled(Level) const override;
};

/// Keeps everything: for tests.
class MemoryLog final : public Log {
public:
  struct Record {
    Level level;
    std::string event;
    std::string text;
    Fields fields;
  };

  void write(Level level, std::string_view event, std::string_view text, const Fields& fields) override;
  std::vector<Record> records() const;
  /// Is there a record whose text holds this, or whose event is this?
  bool has(std::string_view needle) const;

private:
  mutable std::mutex mutex_;
  std::vector<Record> records_;
};

}  // namespace flytt::base
