#include "tests/ui/support/sample_estimate.h"
#include "ui/charts/stacked_bar.h"

#include <gmock/gmock.h>

#include <QApplication>
#include <QHelpEvent>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>

namespace weighbridge {

namespace {

class ShownBar : public testing::Test
{
protected:
    ShownBar()
    {
        bar.resize(900, bar.sizeHint().height());
        bar.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
        bar.show();
        bar.activateWindow();
        bar.setFocus();
    }

    QColor pixelIn(std::size_t part)
    {
        const QPoint point = bar.partRect(part).bottomLeft().toPoint() + QPoint(6, -3);
        return bar.grab().toImage().pixelColor(point);
    }

    StackedBar bar;
};

} // namespace

TEST_F(ShownBar, ArrowKeysMoveBetweenSegments)
{
    QSignalSpy moved(&bar, &PartsWidget::currentPartChanged);
    QTest::keyClick(&bar, Qt::Key_Right);
    EXPECT_EQ(bar.currentPart(), 1U);
    QTest::keyClick(&bar, Qt::Key_End);
    EXPECT_EQ(bar.currentPart(), 3U);
    QTest::keyClick(&bar, Qt::Key_Right);
    EXPECT_EQ(bar.currentPart(), 3U);
    QTest::keyClick(&bar, Qt::Key_Home);
    EXPECT_EQ(bar.currentPart(), 0U);
    EXPECT_EQ(moved.count(), 3);
}

TEST_F(ShownBar, ArrowsFollowTheDirectionOfReading)
{
    bar.setLayoutDirection(Qt::RightToLeft);
    QTest::keyClick(&bar, Qt::Key_Left);
    EXPECT_EQ(bar.currentPart(), 1U);
}

TEST_F(ShownBar, ToolTipShowsTheSegmentUnderTheMouse)
{
    const QPoint at = bar.partRect(1).center().toPoint();
    QHelpEvent help(QEvent::ToolTip, at, bar.mapToGlobal(at));
    QApplication::sendEvent(&bar, &help);
    EXPECT_TRUE(QToolTip::text().startsWith(QStringLiteral("KV cache: 30.00\u00A0GiB (32.21\u00A0GB)")))
        << QToolTip::text().toStdString();
    QToolTip::hideText();
}

TEST_F(ShownBar, FollowsAPaletteAtOnce)
{
    bar.setPalette(applicationPalette(ColorMode::light));
    EXPECT_EQ(pixelIn(1), Theme::from(applicationPalette(ColorMode::light)).seriesColor(1));
    bar.setPalette(applicationPalette(ColorMode::dark));
    EXPECT_EQ(pixelIn(1), Theme::from(applicationPalette(ColorMode::dark)).seriesColor(1));
}

TEST_F(ShownBar, IsGreyWhileStale)
{
    bar.display({sample::shared(sample::llama70b()), true, ByteUnit::gib});
    const QColor color = pixelIn(1);
    EXPECT_LT(color.hslSaturation(), 20);
    bar.display({sample::shared(sample::llama70b()), false, ByteUnit::gib});
    EXPECT_GT(pixelIn(1).hslSaturation(), 100);
}

TEST_F(ShownBar, GrowsWithTheFont)
{
    const int before = bar.sizeHint().height();
    bar.setFont(scaled(bar.font(), 2));
    EXPECT_GT(bar.sizeHint().height(), before * 3 / 2);
}

TEST_F(ShownBar, CurrentSegmentStaysInRangeWhenTermsGo)
{
    QTest::keyClick(&bar, Qt::Key_End);
    bar.display({sample::shared(sample::nothing()), false, ByteUnit::gib});
    EXPECT_EQ(bar.currentPart(), std::nullopt);
    QTest::keyClick(&bar, Qt::Key_Left);
    bar.grab();
}

} // namespace weighbridge
