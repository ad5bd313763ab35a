# flytt_together(TARGET): its files are compiled ten at a time, the headers parsed once for all of them. Only where
# FLYTT_TOGETHER asks for it: the other builds show which file forgot an include.
function(flytt_together target)
  if(FLYTT_TOGETHER)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    # A name in the unnamed namespace of a file that is included is no mistake.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# flytt_module(NAME DEPS module... LIBS target...)
#
# The static library flytt_NAME from every .cpp below lib/flytt/NAME. DEPS are modules of a lower level; LIBS are
# third-party libraries, private since no header of ours includes theirs. A module without a .cpp is headers only.
function(flytt_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS;LIBS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/flytt/${name}/*.cpp)
  list(TRANSFORM arg_DEPS PREPEND flytt_)
  if(sources)
    add_library(flytt_${name} STATIC ${sources})
    target_include_directories(flytt_${name} PUBLIC ${PROJECT_SOURCE_DIR}/lib)
    target_compile_definitions(flytt_${name} PRIVATE FLYTT_VERSION="${PROJECT_VERSION}")
    target_link_libraries(flytt_${name} PUBLIC ${arg_DEPS} PRIVATE flytt_compiler ${arg_LIBS})
    flytt_together(flytt_${name})
  else()
    add_library(flytt_${name} INTERFACE)
    target_include_directories(flytt_${name} INTERFACE ${PROJECT_SOURCE_DIR}/lib)
    target_link_libraries(flytt_${name} INTERFACE ${arg_DEPS} ${arg_LIBS})
  endif()
  set_property(GLOBAL APPEND PROPERTY FLYTT_MODULES flytt_${name})
endfunction()

# flytt_add_tool(NAME): the program bin/NAME from tools/NAME/*.cpp, once its main.cpp is there.
function(flytt_add_tool name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_compile_definitions(${name} PRIVATE FLYTT_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE flytt flytt_compiler)
  set_property(GLOBAL APPEND PROPERTY FLYTT_TOOLS ${name})
endfunction()
