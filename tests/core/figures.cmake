# Formats, accelerators, speed, display and fit against figures from sources or worked by hand.
weighbridge_core_test(test_figures
    answers/fit_test.cpp
    answers/placement_test.cpp
    hardware/accelerator_test.cpp
    precision/format_test.cpp
    precision/gguf_mix_test.cpp
    quantity/display_test.cpp
    quantity/evaluate_test.cpp
    quantity/nearest_test.cpp
    quantity/printable_test.cpp
    report/hardware_tables_test.cpp
    report/precision_tables_test.cpp
    speed/operations_test.cpp
    speed/roofline_test.cpp)
target_link_libraries(test_figures PRIVATE nlohmann_json::nlohmann_json)
