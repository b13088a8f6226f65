# Predicted against measured: statistics by hand, every record accounted for, docs/accuracy.md as the code writes it
# (WEIGHBRIDGE_UPDATE_GOLDEN=1 writes it anew).
weighbridge_core_test(test_accuracy
    accuracy/records_test.cpp
    accuracy/reports_test.cpp
    accuracy/statistics_test.cpp)
target_link_libraries(test_accuracy PRIVATE nlohmann_json::nlohmann_json)
target_compile_definitions(test_accuracy PRIVATE WEIGHBRIDGE_DOCS="${PROJECT_SOURCE_DIR}/docs")
