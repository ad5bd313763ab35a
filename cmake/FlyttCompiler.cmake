# Compiler settings, carried by one interface target so that only our own code gets them.
add_library(flytt_compiler INTERFACE)
target_compile_features(flytt_compiler INTERFACE cxx_std_20)
target_compile_options(flytt_compiler INTERFACE -Wall -Wextra -Wpedantic -Wshadow -fno-common)
# A designated initialiser that leaves members at their defaults is meant to.
target_compile_options(flytt_compiler INTERFACE -Wno-missing-field-initializers)
# __FILE__ shall not name the builder's machine.
target_compile_options(flytt_compiler INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(FLYTT_WERROR)
  target_compile_options(flytt_compiler INTERFACE -Werror)
endif()

if(FLYTT_SANITIZE)
  # Global, not per target: what is linked into one program has to agree on it.
  add_compile_options(-fsanitize=${FLYTT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FLYTT_SANITIZE})
  if(FLYTT_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(FLYTT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's tsan does not understand atomic_thread_fence and says so about libstdc++ and Boost headers.
    target_compile_options(flytt_compiler INTERFACE -Wno-error=tsan)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The optimiser's data-flow warnings turn false under instrumentation (GCC bug 105329 and relatives).
    target_compile_options(flytt_compiler INTERFACE -Wno-error=maybe-uninitialized -Wno-error=restrict)
  endif()
endif()

if(FLYTT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "FLYTT_FUZZ needs clang: cmake --preset fuzz")
  endif()
  # Coverage is counted everywhere; libFuzzer's main() is linked into its own programs only.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
  # An index beyond a container's size is one, whatever its capacity. Everywhere, since all have to agree on it.
  add_compile_definitions(_GLIBCXX_ASSERTIONS _GLIBCXX_SANITIZE_VECTOR)
endif()

# A second build of the same file costs nothing where ccache is at hand.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(FLYTT_CCACHE ccache)
  mark_as_advanced(FLYTT_CCACHE)
  if(FLYTT_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FLYTT_CCACHE})
  endif()
endif()
