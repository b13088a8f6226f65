# Engines: rules worked by hand, and what real runs printed or were measured to allocate (resources/measured).
weighbridge_core_test(test_engines
    engines/exllamav3_test.cpp
    engines/ggml_allocator_test.cpp
    engines/llama_cpp_fit_test.cpp
    engines/llama_cpp_graph_test.cpp
    engines/llama_cpp_measured_test.cpp
    engines/llama_cpp_rules_test.cpp
    engines/lmdeploy_test.cpp
    engines/mlx_rules_test.cpp
    engines/mlx_settings_test.cpp
    engines/ollama_logs_test.cpp
    engines/ollama_test.cpp
    engines/options_of_others_test.cpp
    engines/pool_test.cpp
    engines/serving_options_test.cpp
    engines/sglang_measured_test.cpp
    engines/sglang_rules_test.cpp
    engines/sglang_settings_test.cpp
    engines/tensorrt_llm_test.cpp
    engines/transformers_test.cpp
    engines/vllm_measured_test.cpp
    engines/vllm_plans_test.cpp
    engines/vllm_rules_test.cpp)
target_link_libraries(test_engines PRIVATE GTest::gmock nlohmann_json::nlohmann_json)

# The table of what runs where, verdicts and layouts.
weighbridge_core_test(test_support
    answers/verdict_test.cpp
    engines/support_test.cpp)
target_link_libraries(test_support PRIVATE nlohmann_json::nlohmann_json)

# The machine: devices of one or several kinds, and the host.
weighbridge_core_test(test_machine
    machine/devices_json_test.cpp
    machine/machine_test.cpp
    machine/unequal_gpus_test.cpp)
target_link_libraries(test_machine PRIVATE GTest::gmock nlohmann_json::nlohmann_json)
