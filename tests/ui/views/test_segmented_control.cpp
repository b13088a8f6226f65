#include "ui/widgets/segmented_control.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

namespace weighbridge {

TEST(SegmentedControl, ArrowsTakeTheNeighbourAtOnce)
{
    SegmentedControl control({QStringLiteral("Decode"), QStringLiteral("Prefill")});
    control.resize(control.sizeHint());
    control.show();
    QSignalSpy changed(&control, &SegmentedControl::currentIndexChanged);
    QTest::keyClick(&control, Qt::Key_Right);
    EXPECT_EQ(control.currentIndex(), 1);
    QTest::keyClick(&control, Qt::Key_Right);
    EXPECT_EQ(changed.count(), 1);
}

TEST(SegmentedControl, AClickTakesTheChoice)
{
    SegmentedControl control({QStringLiteral("Decode"), QStringLiteral("Prefill")});
    control.resize(control.sizeHint());
    control.show();
    QSignalSpy changed(&control, &SegmentedControl::currentIndexChanged);
    QTest::mouseClick(&control, Qt::LeftButton, {}, control.partRect(1).center().toPoint());
    EXPECT_EQ(control.currentIndex(), 1);
    EXPECT_EQ(changed.count(), 1);
}

TEST(SegmentedControl, MirrorsWhenReadFromRightToLeft)
{
    SegmentedControl control({QStringLiteral("Decode"), QStringLiteral("Prefill")});
    control.resize(control.sizeHint());
    control.setLayoutDirection(Qt::RightToLeft);
    EXPECT_GT(control.partRect(0).left(), control.partRect(1).left());
}

TEST(SegmentedControl, IgnoresIndicesOutOfRange)
{
    SegmentedControl control({QStringLiteral("One")});
    control.setCurrentIndex(-1);
    control.setCurrentIndex(7);
    EXPECT_EQ(control.currentIndex(), 0);
}

} // namespace weighbridge
