#include "ui/views/page.h"

#include <array>

namespace weighbridge {

std::span<const PageEntry> pages()
{
    static const std::array list = {memoryPage(),        speedPage(),   layersPage(), capacityPage(),
                                    quantizationsPage(), comparePage(), launchPage(), leversPage()};
    return list;
}

} // namespace weighbridge
