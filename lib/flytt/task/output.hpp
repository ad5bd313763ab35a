// Where a task puts its answer: text for people, records for programs, and how far it is. cli/ decides which of them is shown.
// Layer: task (5).  Thread rule: every member from any thread.  Format: man/flytt.7, OUTPUT.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/log.hpp>
#include <flytt/base/text.hpp>
#include <flytt/flow/progress.hpp>

#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flytt::task {

/// What cannot be counted about how far the work is.
struct ProgressNote {
  std::string what;   ///< "copying shop.orders", "building indexes"
  std::string limit;  ///< what holds it up most: "source", "pipe", "target"; empty when unknown
};

/// How heavy a finding is.
enum class Weight { blocks, warning };

/// A task says everything twice: line() for people and event() for programs. One of the two is dropped, depending on --json.
class Output {
public:
  virtual ~Output() = default;

  /// One line of the answer, without its line feed; dropped with --json. Whatever the text holds (names, values and messages come
  /// from outside), it stays one line and moves no cursor: see base::printable. Throws: Exit::io.
  virtual void line(std::string_view text) = 0;
  /// The same of what -q keeps: what is wrong, and what was asked for by name (a list, a plan, statements).
  virtual void line_always(std::string_view text) { line(text); }
  /// One line that begins with a word of ours, which may get a colour; -q keeps what blocks.
  virtual void marked(Weight weight, std::string_view word, std::string_view text) {
    const std::string both = base::concat(word, text);
    weight == Weight::blocks ? line_always(both) : line(both);
  }
  /// One line whose parts are held apart by tabs of ours.
  virtual void columns(std::initializer_list<std::string_view> cells) = 0;
  /// Lines that on a terminal are drawn over those of the last call, and elsewhere follow them.
  virtual void screen(const std::vector<std::string>& lines) = 0;

  /// One record of the answer; dropped without --json. `name` and the field names are a promise to scripts.
  /// Not "result": that record is the last and is made by who runs the task. Throws: Exit::io.
  virtual void event(std::string_view name, const base::Fields& fields) = 0;

  /// More fields for the last record ("rows", "bytes", "position"); a name that comes again replaces the former value.
  virtual void result(std::string_view name, base::FieldValue value) = 0;

  /// An answer that is a file of its own (a digest, rows as text), as it is, to stdout whatever --json says. Throws: Exit::io.
  virtual void write(std::string_view bytes) = 0;

  /// Shows the counters from now on, as the user wants it; `note` is called from another thread until progress_end(), and must
  /// not throw and not wait. `counters` must live until then.
  virtual void progress_begin(const flow::Progress& counters, std::function<ProgressNote()> note) = 0;
  /// Nothing is shown and `note` is not called any more when this returns.
  virtual void progress_end() noexcept = 0;
};

/// Shows progress while it lives. What the note refers to must be made before it.
class ProgressScope {
public:
  ProgressScope(Output& out, const flow::Progress& counters, std::function<ProgressNote()> note) : out_(out) {
    out_.progress_begin(counters, std::move(note));
  }
  ~ProgressScope() { out_.progress_end(); }
  ProgressScope(const ProgressScope&) = delete;
  ProgressScope& operator=(const ProgressScope&) = delete;

private:
  Output& out_;
};

/// Keeps everything: for tests.
class MemoryOutput final : public Output {
public:
  struct Event {
    std::string name;
    base::Fields fields;
  };

  void line(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
  }
  void columns(std::initializer_list<std::string_view> cells) override { line(base::join(cells, "\t")); }
  void screen(const std::vector<std::string>& lines) override {
    for (const auto& text : lines) line(text);
  }
  void event(std::string_view name, const base::Fields& fields) override {
    const std::lock_guard lock(mutex_);
    events_.push_back({std::string(name), fields});
  }
  void result(std::string_view name, base::FieldValue value) override {
    const std::lock_guard lock(mutex_);
    result_.emplace_back(std::string(name), std::move(value));
  }
  void write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    bytes_.append(bytes);
  }
  void progress_begin(const flow::Progress&, std::function<ProgressNote()>) override {}
  void progress_end() noexcept override {}

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::vector<Event> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  base::Fields result_fields() const {
    const std::lock_guard lock(mutex_);
    return result_;
  }
  std::string bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::vector<Event> events_;
  base::Fields result_;
  std::string bytes_;
};

}  // namespace flytt::task
