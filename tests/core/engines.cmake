# Engines: rules worked by hand, and what real runs logged (tests/data/measured).
weighbridge_core_test(test_engines
    engines/sglang_measured_test.cpp
    engines/vllm_measured_test.cpp
    engines/vllm_rules_test.cpp)
target_link_libraries(test_engines PRIVATE nlohmann_json::nlohmann_json)
