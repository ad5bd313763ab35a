// What a session answers when its server asks for the contents of a local file. A server may ask that in answer to any
// statement at all, so the answer is "no" from the first packet on, except for the text of one LOAD DATA of ours.
// Layer: engine/mysql_family (3).  Thread rule: the session's thread.
// Source: MySQL manual, "Security Considerations for LOAD DATA LOCAL"; mysql_set_local_infile_handler(3) of the C client.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

struct st_mysql;

namespace flytt::engine::mysql_family {

/// Decides for one handle of the C client, whose callbacks point here: it lives longer than the handle.
class LocalData {
 public:
  /// The name that our LOAD DATA statements ask for: there is no such file.
  static constexpr std::string_view kName = "flytt";

  LocalData() = default;
  LocalData(const LocalData&) = delete;
  LocalData& operator=(const LocalData&) = delete;

  /// Before the handle connects: nothing is offered to the server beyond what `offered` says, and whatever it asks for is refused.
  enum class Offer : bool { nothing, load_data };
  void guard(st_mysql* handle, Offer offered);
  /// After it connected: option files are read while connecting, and may have said otherwise.
  void guard_again();

  /// The file that the server asked for and did not get; nothing when it never asked.
  const std::optional<std::string>& refused() const noexcept { return refused_; }

  /// While it lives, a request for kName is answered with this text, once.
  class Lending {
   public:
    Lending(LocalData& owner, std::string_view text);
    ~Lending();
    Lending(const Lending&) = delete;
    Lending& operator=(const Lending&) = delete;

   private:
    LocalData& owner_;
  };

 private:
  struct Callbacks;

  st_mysql* handle_ = nullptr;
  std::optional<std::string_view> lent_;  ///< what may be asked for now
  std::string_view left_;                 ///< of the text that is being sent
  std::optional<std::string> refused_;
};

}  // namespace flytt::engine::mysql_family
