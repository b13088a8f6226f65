weighbridge_core_test(test_launch
    launch/read_launch_test.cpp
    launch/read_log_test.cpp
    launch/round_trip_test.cpp
    launch/texts_test.cpp)

# What this machine says of itself.
weighbridge_core_test(test_this_machine machine/this_machine_test.cpp)
