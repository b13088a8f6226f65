# The scenario's keys and JSON, and the reports. WEIGHBRIDGE_UPDATE_GOLDEN=1 writes tests/data/golden/ anew.
weighbridge_core_test(test_scenario
    report/fields_documents_test.cpp
    report/filled_in_test.cpp
    report/golden_test.cpp
    report/report_test.cpp
    report/table_test.cpp
    scenario/fields_test.cpp
    scenario/hostile_test.cpp
    scenario/number_text_test.cpp
    scenario/scenario_json_test.cpp)
target_link_libraries(test_scenario PRIVATE nlohmann_json::nlohmann_json)
target_compile_definitions(test_scenario PRIVATE WEIGHBRIDGE_SOURCE="${PROJECT_SOURCE_DIR}")
