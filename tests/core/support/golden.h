#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace weighbridge::testing {

/// Holds a text against tests/data/golden/NAME byte for byte; with WEIGHBRIDGE_UPDATE_GOLDEN=1 writes the file anew.
inline void expect_as_kept(const std::string& text, const std::string& name)
{
    const std::string path = std::string(WEIGHBRIDGE_TEST_DATA) + "/golden/" + name;
    if (std::getenv("WEIGHBRIDGE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << "missing " << path;
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << "differs from " << path;
}

} // namespace weighbridge::testing
