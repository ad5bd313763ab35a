// A file that takes its name when it is whole: until then what had the name stays as it was.
// Layer: os (1).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>

#include <flytt/os/fd.hpp>
#include <flytt/os/way.hpp>

namespace flytt::os {

class OutputFile {
public:
  /// Opens a file beside the one named, "NAME.UUID.part", with the mode of what is there. Pipes, devices, "-" and what our caller
  /// opened are opened themselves, as open_for_writing() does. Throws as that does.
  explicit OutputFile(const std::string& path, std::stop_token stop = {});
  /// Removes the file beside, unless keep() was called.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// The descriptor to write to; once.
  UniqueFd take() { return std::move(fd_); }
  /// What was written is whole, synced and closed: it takes the name. Throws: Exit::io.
  void keep();

private:
  std::string path_;
  Place place_;
  std::string beside_;  ///< a name in the place's directory; empty: nothing to rename
  UniqueFd fd_;
};

}  // namespace flytt::os
