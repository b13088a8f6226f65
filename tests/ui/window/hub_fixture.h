#pragma once

#include "tests/ui/hub/misbehaving_server.h"
#include "tests/ui/window/window_fixture.h"

#include <QLabel>
#include <QPushButton>

namespace weighbridge::test {

/// A window whose Hub is a server of the test's own.
class HubWindowTest : public WindowTest
{
protected:
    void openWith(MisbehavingServer& server)
    {
        services.hub.baseUrl = server.url();
        services.hub.cacheDirectory = folder.filePath(QStringLiteral("cache"));
        open();
    }

    QString status() const { return find<QLabel>(QStringLiteral("hub.status"))->text(); }
    bool busy() const { return find<QPushButton>(QStringLiteral("hub.fetch"))->text() == QStringLiteral("Cancel"); }
};

} // namespace weighbridge::test
