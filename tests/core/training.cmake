# Training and fine-tuning: rules worked by hand, the appendix's examples, and measured runs (resources/measured).
weighbridge_core_test(test_training
    training/allocator_replay_test.cpp
    training/book_rules_test.cpp
    training/frameworks_test.cpp
    training/measured_test.cpp
    training/networks_test.cpp
    training/report_test.cpp
    training/reserved_test.cpp
    training/rules_test.cpp
    training/steps_test.cpp
    training/timeline_test.cpp)
target_link_libraries(test_training PRIVATE nlohmann_json::nlohmann_json)
