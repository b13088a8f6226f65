#include "core/report/estimate_tables.h"
#include "tests/ui/support/sample_estimate.h"
#include "tests/ui/views/view_states.h"
#include "ui/views/memory_model.h"
#include "ui/views/memory_page.h"
#include "ui/views/memory_table.h"
#include "ui/widgets/table_copy.h"

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QImage>
#include <QLineEdit>
#include <QMimeData>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

namespace weighbridge {

namespace {

QString cell(const QAbstractItemModel& model, int row, int column, const QModelIndex& parent = {})
{
    return model.index(row, column, parent).data().toString();
}

} // namespace

// Tab leads into the formulas, and who can't see where loses their way.
TEST(MemoryTable, TheRowWithTheFocusHasARing)
{
    QWidget window;
    MemoryTable table(&window);
    QLineEdit elsewhere(&window);
    table.display(stateOf(sample::llama70b()));
    window.resize(1000, 600);
    table.setGeometry(0, 0, 1000, 560);
    window.show();
    window.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    const QRgb accent = Theme::from(window.palette()).accent.rgb();
    const auto ringPixels = [&] {
        const QImage image = table.grab().toImage();
        int count = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                count += image.pixel(x, y) == accent ? 1 : 0;
        return count;
    };
    elsewhere.setFocus();
    const int before = ringPixels();
    table.setFocus(Qt::TabFocusReason);
    ASSERT_TRUE(table.hasFocus());
    EXPECT_TRUE(table.currentIndex().isValid());
    EXPECT_GT(ringPixels(), before + 2 * table.viewport()->width()); // above and below the row
    QTest::keyClick(&table, Qt::Key_Down);
    EXPECT_GT(ringPixels(), before + 2 * table.viewport()->width());
    elsewhere.setFocus();
    EXPECT_EQ(ringPixels(), before);
}

TEST(MemoryModel, PassesQtsModelTester)
{
    MemoryModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (const auto make :
         {sample::llama70b, sample::mixtureWithLatentCache, sample::nothing, sample::huge, sample::llama70b})
        model.display(stateOf(make()));
}

TEST(MemoryModel, ShowsTermsAndATotal)
{
    MemoryModel model;
    model.display(stateOf(sample::llama70b()));
    ASSERT_EQ(model.rowCount(), 5);
    EXPECT_EQ(cell(model, 0, MemoryModel::component), QStringLiteral("Weights"));
    EXPECT_EQ(cell(model, 0, MemoryModel::perGpu), QStringLiteral("32.86\u00A0GiB"));
    EXPECT_EQ(cell(model, 0, MemoryModel::share), QStringLiteral("50.0\u00A0%"));
    EXPECT_EQ(cell(model, 0, MemoryModel::formula), QStringLiteral("P · B_w / tp"));
    EXPECT_EQ(cell(model, 2, MemoryModel::basis), QStringLiteral("derived"));
    EXPECT_EQ(model.index(2, 0).data(MemoryModel::rangeRole).toString(), QStringLiteral("0.63\u00A0–\u00A00.77"));
    EXPECT_EQ(cell(model, 4, MemoryModel::component), QStringLiteral("Total"));
    EXPECT_EQ(cell(model, 4, MemoryModel::formula), QStringLiteral("× 4 GPUs = 262.8\u00A0GiB"));
    const QModelIndex weights = model.index(0, 0);
    ASSERT_EQ(model.rowCount(weights), 3);
    EXPECT_EQ(cell(model, 1, MemoryModel::perGpu, weights), QStringLiteral("26.25\u00A0GiB"));
}

TEST(MemoryModel, ToolTipHoldsTheWholeFormula)
{
    MemoryModel model;
    model.display(stateOf(sample::mixtureWithLatentCache()));
    const QModelIndex attention = model.index(0, MemoryModel::formula, model.index(0, 0));
    const QString toolTip = attention.data(Qt::ToolTipRole).toString();
    EXPECT_TRUE(toolTip.contains(attention.data().toString()));
    EXPECT_TRUE(toolTip.contains(attention.data(MemoryModel::numbersRole).toString()));
}

TEST(MemoryModel, ANewEstimateOfTheSameShapeMovesNoRow)
{
    MemoryModel model;
    model.display(stateOf(sample::llama70b()));
    const QPersistentModelIndex child(model.index(1, 0, model.index(0, 0)));
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    Estimate next = sample::llama70b();
    next.terms[0].children[1].bytes.count *= 2;
    model.display(stateOf(std::move(next)));
    EXPECT_EQ(inserted.count() + removed.count() + reset.count(), 0);
    EXPECT_GT(changed.count(), 0);
    EXPECT_EQ(child.sibling(1, MemoryModel::perGpu).data().toString(), QStringLiteral("52.50\u00A0GiB"));
}

TEST(MemoryModel, RowsComeAndGoWithTheirTerms)
{
    MemoryModel model;
    model.display(stateOf(sample::llama70b()));
    const QPersistentModelIndex attention(model.index(0, 0, model.index(0, 0)));
    const QPersistentModelIndex feedForward(model.index(1, 0, model.index(0, 0)));
    model.display(stateOf(sample::mixtureWithLatentCache()));
    EXPECT_TRUE(attention.isValid());
    EXPECT_FALSE(feedForward.isValid());
    EXPECT_EQ(cell(model, 1, 0, model.index(0, 0)), QStringLiteral("Routed experts"));
}

TEST(MemoryModel, FindsRowsByTerm)
{
    MemoryModel model;
    model.display(stateOf(sample::llama70b()));
    EXPECT_EQ(model.indexOf(QStringLiteral("weights.embedding")).data().toString(),
              QStringLiteral("Embedding and LM head"));
    EXPECT_FALSE(model.indexOf(QStringLiteral("no.such")).isValid());
}

TEST(MemoryTable, WhatIsExpandedStaysSoWhenTheEstimateChanges)
{
    MemoryTable table;
    table.resize(900, 400);
    table.display(stateOf(sample::llama70b()));
    table.show();
    MemoryModel& model = table.memoryModel();
    table.expand(model.indexOf(QStringLiteral("weights")));
    table.display(stateOf(sample::nothing()));
    table.display(stateOf(sample::mixtureWithLatentCache()));
    EXPECT_TRUE(table.isExpanded(model.indexOf(QStringLiteral("weights"))));
    EXPECT_TRUE(table.expandedIds().contains(QStringLiteral("weights")));
    table.collapse(model.indexOf(QStringLiteral("weights")));
    EXPECT_TRUE(table.expandedIds().isEmpty());
}

TEST(MemoryTable, ExpandsAndCollapsesByKeyboard)
{
    MemoryTable table;
    table.resize(900, 400);
    table.display(stateOf(sample::llama70b()));
    table.show();
    table.setFocus();
    table.setCurrentIndex(table.memoryModel().index(0, 0));
    QTest::keyClick(&table, Qt::Key_Right);
    EXPECT_TRUE(table.isExpanded(table.memoryModel().index(0, 0)));
    QTest::keyClick(&table, Qt::Key_Down);
    EXPECT_EQ(table.currentIndex().data(MemoryModel::idRole).toString(), QStringLiteral("weights.attention"));
    QTest::keyClick(&table, Qt::Key_Left);
    QTest::keyClick(&table, Qt::Key_Left);
    EXPECT_FALSE(table.isExpanded(table.memoryModel().index(0, 0)));
}

TEST(MemoryTable, IsAsHighAsItsRows)
{
    MemoryTable table;
    table.resize(900, 400);
    table.display(stateOf(sample::llama70b()));
    table.show();
    const int closed = table.sizeHint().height();
    table.setExpandedIds({QStringLiteral("weights")});
    QTest::qWait(1);
    EXPECT_GT(table.sizeHint().height(), closed);
    table.resize(900, table.sizeHint().height());
    const QModelIndex total = table.memoryModel().index(4, 0);
    EXPECT_LE(table.visualRect(total).bottom(), table.viewport()->height());
    EXPECT_EQ(table.verticalScrollBar()->maximum(), 0);
}

TEST(MemoryTable, ColumnsFillTheWidthAndGiveWayWhenNarrow)
{
    for (const double zoom : {1.0, 1.5, 2.0}) {
        for (const int width : {420, 620, 900, 1400}) {
            MemoryTable table;
            table.setFont(scaled(table.font(), zoom));
            table.resize(width, 600);
            table.display(stateOf(sample::mixtureWithLatentCache()));
            table.show();
            int sum = 0;
            for (int column = 0; column < MemoryModel::columns; ++column)
                sum += table.isColumnHidden(column) ? 0 : table.columnWidth(column);
            EXPECT_LE(sum, table.viewport()->width()) << width << " at " << zoom;
            EXPECT_FALSE(table.isColumnHidden(MemoryModel::perGpu));
        }
    }
}

TEST(MemoryTable, NarrowTablesPutFormulasBelowTheRow)
{
    MemoryTable wide;
    MemoryTable narrow;
    wide.resize(1200, 400);
    narrow.resize(500, 400);
    for (MemoryTable* table : {&wide, &narrow}) {
        table->display(stateOf(sample::llama70b()));
        table->show();
    }
    EXPECT_FALSE(wide.isColumnHidden(MemoryModel::formula));
    EXPECT_TRUE(narrow.isColumnHidden(MemoryModel::formula));
    EXPECT_GT(narrow.visualRect(narrow.memoryModel().index(0, 0)).height(),
              wide.visualRect(wide.memoryModel().index(0, 0)).height());
}

TEST(MemoryTable, RepaintsWithTheNewPalette)
{
    QWidget window;
    window.setPalette(applicationPalette(ColorMode::light));
    MemoryTable table(&window);
    table.resize(900, 400);
    table.display(stateOf(sample::llama70b()));
    window.show();
    const QColor light = table.theme().text;
    window.setPalette(applicationPalette(ColorMode::dark));
    EXPECT_NE(table.theme().text, light);
    EXPECT_EQ(table.theme().text, Theme::from(applicationPalette(ColorMode::dark)).text);
}

TEST(MemoryPage, ScrollsToTheRowTheKeyboardIsOn)
{
    MemoryPage page;
    page.resize(700, 180);
    page.display(stateOf(sample::llama70b()));
    page.show();
    page.activateWindow();
    page.table().setFocus();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    page.table().setCurrentIndex(page.table().memoryModel().index(0, 0));
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(&page.table(), Qt::Key_Down);
    EXPECT_GT(page.verticalScrollBar()->value(), 0);
}

TEST(MemoryPage, SurvivesReadingFromRightToLeft)
{
    MemoryPage page;
    page.setLayoutDirection(Qt::RightToLeft);
    page.resize(700, 500);
    page.display(stateOf(sample::mixtureWithLatentCache()));
    page.show();
    EXPECT_FALSE(page.grab().isNull());
}

TEST(TableCopy, HoldsEveryTermAsTextAndAsHtml)
{
    const auto data = tableData(memory_tables(sample::llama70b()));
    const QStringList lines = data->text().split(u'\n', Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), 9); // a title, four terms with three children, the total
    EXPECT_EQ(lines[1].section(u'\t', 0, 1), QStringLiteral("Weights\t32.86"));
    EXPECT_TRUE(lines[2].startsWith(QStringLiteral("  Attention\t5.63")));
    EXPECT_TRUE(data->html().contains(QStringLiteral("<td>KV cache</td>")));
}

} // namespace weighbridge
