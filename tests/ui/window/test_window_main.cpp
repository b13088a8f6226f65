#include "tests/ui/window/window_fixture.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLocale>

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    ::testing::InitGoogleTest(&argc, argv);
    const QApplication application(argc, argv);
    QLocale::setDefault(QLocale::c());
    weighbridge::Appearance appearance;
    weighbridge::test::WindowTest::appearance = &appearance;
    const int status = RUN_ALL_TESTS();
    weighbridge::test::WindowTest::appearance = nullptr;
    return status;
}
