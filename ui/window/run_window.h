#pragma once

namespace weighbridge {

/// Runs the window until it is closed; the first argument that is no option is opened. Returns the exit status.
int run_window(int& argc, char** argv);

} // namespace weighbridge
