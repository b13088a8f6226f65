# Engines' rules against figures worked by hand, and against what the engines print or were measured to allocate.
weighbridge_core_test(test_engine_rules
    engines/llama_cpp_measured_test.cpp
    engines/llama_cpp_rules_test.cpp
    engines/transformers_test.cpp)
target_link_libraries(test_engine_rules PRIVATE nlohmann_json::nlohmann_json)
# Engines: rules worked by hand, and what real runs logged (tests/data/measured).
weighbridge_core_test(test_engines
    engines/sglang_measured_test.cpp
    engines/vllm_measured_test.cpp
    engines/vllm_rules_test.cpp)
target_link_libraries(test_engines PRIVATE nlohmann_json::nlohmann_json)
