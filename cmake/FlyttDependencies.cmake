# What flytt is built upon. All of it is in Debian 12 and 13; scripts/setup installs it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# The libmysqlclient API: MariaDB Connector/C where it is found, else Oracle's client. Both compile.
pkg_check_modules(MARIADB IMPORTED_TARGET libmariadb)
if(MARIADB_FOUND)
  add_library(flytt_mysqlclient ALIAS PkgConfig::MARIADB)
else()
  pkg_check_modules(MYSQLCLIENT REQUIRED IMPORTED_TARGET mysqlclient)
  add_library(flytt_mysqlclient ALIAS PkgConfig::MYSQLCLIENT)
endif()

pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3 REQUIRED)
find_package(CLI11 REQUIRED)

# Boost.Process v2 came with 1.80. Its headers are enough up to 1.85; later it moved and became a library of its own.
find_package(Boost 1.80 REQUIRED CONFIG)
if(Boost_VERSION VERSION_GREATER_EQUAL 1.86)
  message(FATAL_ERROR "flytt needs Boost 1.80 to 1.85, and Boost ${Boost_VERSION} was found: install libboost1.83-dev")
endif()

add_library(flytt_dependencies INTERFACE)
target_link_libraries(flytt_dependencies INTERFACE
  flytt_mysqlclient PkgConfig::LIBPQ PkgConfig::ZSTD PkgConfig::XXHASH fmt::fmt nlohmann_json::nlohmann_json CLI11::CLI11
  Boost::headers Threads::Threads)
