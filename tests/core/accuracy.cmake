# Predicted against measured: statistics by hand, every record accounted for, docs/accuracy.md as the code writes it
# (WEIGHBRIDGE_UPDATE_GOLDEN=1 writes it anew).
add_executable(test_accuracy
    accuracy/records_test.cpp
    accuracy/reports_test.cpp
    accuracy/statistics_test.cpp)
target_link_libraries(test_accuracy PRIVATE weighbridge_testing nlohmann_json::nlohmann_json GTest::gtest_main)
target_compile_definitions(test_accuracy PRIVATE WEIGHBRIDGE_DOCS="${PROJECT_SOURCE_DIR}/docs")
weighbridge_test(test_accuracy WHOLE) # every case looks at the one measurement of all bundled runs
