// The one exception type: an exit code, one sentence, facts for the log, a hint for the reader, and where it happened.
// Layer: base (0).  Thread rule: immutable once made, copies may cross threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/exit.hpp>

#include <cerrno>
#include <exception>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

namespace flytt::base {

/// What is known about a failure beyond its sentence. Never holds a value of a row or a password.
struct Facts {
  std::string sqlstate{};            ///< five characters as the server sent them, or empty
  int native = 0;                  ///< the server's own number, or errno
  std::string statement{};           ///< the statement without its values
  std::string endpoint{};            ///< which server, without the password
  std::string hint{};                ///< what the reader can do, one sentence and one line
  std::vector<std::string> more_hints{};  ///< further ones, each a line of its own: a line feed inside a hint is shown, not obeyed
  bool connection_usable = false;  ///< the session can take another statement
  bool safe_to_retry = false;      ///< nothing was changed, or the same again changes nothing
};

/// A failure. Thrown deep, given context on the way out, caught in cli/, at thread borders and where it can be recovered.
class Error : public std::exception {
public:
  /// `message`: lower case, no full stop, names the object and the value.
  Error(Exit code, std::string message, Facts facts = {},
        std::source_location where = std::source_location::current());
  Error(const Error&) noexcept = default;  // no move: a moved-from error would have no code
  Error& operator=(const Error&) noexcept = default;
  ~Error() override;

  Exit code() const noexcept { return block_->code; }
  const std::string& message() const noexcept { return block_->message; }
  const Facts& facts() const noexcept { return block_->facts; }
  /// What was being done, innermost first.
  const std::vector<std::string>& context() const noexcept { return block_->context; }
  /// The place of the throw in our code, for --verbose.
  const std::source_location& where() const noexcept { return block_->where; }

  /// The same as text().
  const char* what() const noexcept override;

  /// A copy with one more circle of context, such as "while dumping shop.orders".
  Error within(std::string context) const;

  /// A copy with another hint instead of all there were.
  Error with_hint(std::string hint) const;

  /// A copy with one more hint after those there are.
  Error with_more_hint(std::string hint) const;

  /// All hints, in order.
  std::vector<std::string> hints() const;

  /// The sentence for people: message, then context, joined by ": ". No hint.
  const std::string& text() const noexcept { return block_->text; }

private:
  struct Block {
    Exit code;
    std::string message;
    Facts facts;
    std::vector<std::string> context;
    std::source_location where;
    std::string text;
  };
  explicit Error(Block block);

  std::shared_ptr<const Block> block_;
};

/// What an exception means: itself when it is an Error; Exit::io when memory or another resource of this process gave out, with what
/// to lower; else Exit::bug.
Error as_error(const std::exception& exception);

/// Throws what errno means. `what` names the action and the object: "cannot open '/x'".
/// Throws: Exit::privilege for EACCES and EPERM, Exit::unavailable for a peer that is gone or unreachable, else Exit::io.
[[noreturn]] void throw_errno(std::string what, int err = errno,
                              std::source_location where = std::source_location::current());

}  // namespace flytt::base
