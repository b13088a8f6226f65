weighbridge_core_test(test_speed
    estimate/workload_test.cpp
    report/speed_report_test.cpp
    speed/local_speed_test.cpp
    speed/serving_speed_test.cpp
    speed/speed_curve_test.cpp
    speed/training_speed_test.cpp)
