// The page Capacity and the reference tables in the real window.

#include "tests/ui/window/window_fixture.h"

#include "ui/tables/tables_window.h"
#include "ui/views/capacity_page.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/table_sheet.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>

namespace weighbridge::test {

namespace {

class CapacityTest : public WindowTest
{
protected:
    QString cell(const QString& table, int row, int column) const
    {
        return find<TableSheet>(table)->model()->index(row, column).data().toString();
    }

    QByteArray written() const
    {
        QFile file(nextPath);
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << nextPath.toStdString();
        return file.readAll();
    }
};

} // namespace

TEST_F(CapacityTest, ThePageFollowsTheForm)
{
    open();
    trigger(u"view.capacity"_s);
    auto* page = find<CapacityPage>(u"capacityPage"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->recommendations() != nullptr; }));
    const ServingPointer before = page->serving();
    type(u"inference.sequence_length"_s, u"4096"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->serving() != before; }));
    EXPECT_EQ(cell(u"capacity.lengths"_s, 1, 0), u"4,096"_s);
    session().pin(u"l40s"_s, true);
    EXPECT_TRUE(QTest::qWaitFor([&] { return page->serving()->lines.size() == 2; }));
}

TEST_F(CapacityTest, AConfigurationIsTakenInOneStep)
{
    open();
    trigger(u"view.capacity"_s);
    auto* page = find<CapacityPage>(u"capacityPage"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->recommendations() != nullptr; }));
    auto* table = find<TableSheet>(u"capacity.configurations"_s);
    table->setFocus();
    table->setCurrentIndex(table->model()->index(2, 0));
    const Recommendations& all = *page->recommendations();
    const Recommendation* third = nullptr;
    int fitting = 0;
    for (const Recommendation& row : all.rows)
        if (row.fits && fitting++ == 2)
            third = &row;
    ASSERT_NE(third, nullptr);
    const std::string accelerator = all.configuration(*third).accelerator.id;
    const Bytes needed = third->needed;
    const int steps = session().undoStack().index();
    press(Qt::Key_Return);
    EXPECT_EQ(session().undoStack().index(), steps + 1);
    EXPECT_EQ(session().scenario().hardware.accelerator, accelerator);
    EXPECT_EQ(session().state().estimate->total, needed);
}

TEST_F(CapacityTest, ExportsThroughTheWindow)
{
    open();
    trigger(u"view.capacity"_s);
    auto* page = find<CapacityPage>(u"capacityPage"_s);
    ASSERT_TRUE(QTest::qWaitFor([&] { return page->recommendations() != nullptr; }));
    nextPath = folder.filePath(u"capacity.csv"_s);
    find<QPushButton>(u"capacity.csv"_s)->click();
    EXPECT_TRUE(written().startsWith("serving_length,"));
    nextPath = folder.filePath(u"capacity.png"_s);
    find<QPushButton>(u"capacity.png"_s)->click();
    EXPECT_TRUE(written().startsWith("\x89PNG"));
    EXPECT_TRUE(messageText().contains(u"capacity.png"_s)) << messageText().toStdString();
}

class TablesTest : public CapacityTest
{
protected:
    TablesWindow* tables() const { return window->findChild<TablesWindow*>(u"tables"_s); }

    void openTables()
    {
        open();
        trigger(u"help.tables"_s);
        ASSERT_NE(tables(), nullptr);
        EXPECT_TRUE(tables()->isWindow());
        EXPECT_FALSE(tables()->isModal());
        tables()->flush();
    }
};

TEST_F(TablesTest, ShowTheAppendixsModelsFirst)
{
    openTables();
    EXPECT_EQ(find<TableSheet>(u"tables.inference"_s)->model()->rowCount(), 7);
    EXPECT_EQ(cell(u"tables.kv_cache"_s, 6, 3), u"68.6"_s); // DeepSeek-V3, KiB per token
    trigger(u"help.tables"_s);
    EXPECT_EQ(window->findChildren<TablesWindow*>().size(), 1);
}

TEST_F(TablesTest, AnySetOfModels)
{
    openTables();
    find<QComboBox>(u"tables.set"_s)->setCurrentIndex(1);
    tables()->flush();
    EXPECT_GT(find<TableSheet>(u"tables.inference"_s)->model()->rowCount(), 60);
    find<QLineEdit>(u"tables.filter"_s)->setText(u"gemma-7b, LLAMA-13B"_s);
    tables()->flush();
    EXPECT_EQ(find<TableSheet>(u"tables.inference"_s)->model()->rowCount(), 3); // CodeLlama-13b-Instruct too
    find<QLineEdit>(u"tables.filter"_s)->setText(u"no such model"_s);
    tables()->flush();
    EXPECT_EQ(find<TableSheet>(u"tables.inference"_s)->model()->rowCount(), 0);
    find<QLineEdit>(u"tables.filter"_s)->clear();
    find<QComboBox>(u"tables.set"_s)->setCurrentIndex(2);
    tables()->flush();
    EXPECT_EQ(cell(u"tables.inference"_s, 0, 0), QString::fromStdString(session().model()->name));
}

TEST_F(TablesTest, HardwareAndPrecisionArePagesOfTheSameWindow)
{
    openTables();
    trigger(u"help.hardware"_s);
    tables()->flush();
    EXPECT_EQ(window->findChildren<TablesWindow*>().size(), 1);
    EXPECT_GT(find<TableSheet>(u"tables.accelerators"_s)->model()->rowCount(), 130);
    EXPECT_EQ(window->findChild<TableSheet*>(u"tables.inference"_s), nullptr);
    EXPECT_FALSE(find<QComboBox>(u"tables.set"_s)->isVisible());
    EXPECT_FALSE(find<QCheckBox>(u"tables.book"_s)->isVisible());
    find<QLineEdit>(u"tables.filter"_s)->setText(u"h100 sxm5"_s);
    tables()->flush();
    EXPECT_EQ(find<TableSheet>(u"tables.accelerators"_s)->model()->rowCount(), 1);
    trigger(u"help.precision"_s);
    tables()->flush();
    EXPECT_TRUE(find<QLineEdit>(u"tables.filter"_s)->text().isEmpty());
    EXPECT_EQ(cell(u"tables.number_formats"_s, 0, 0), u"FP32"_s);
    find<QComboBox>(u"tables.table"_s)->setCurrentIndex(1);
    tables()->flush();
    EXPECT_EQ(find<TableSheet>(u"tables.quantization"_s)->model()->rowCount(),
              static_cast<int>(number_formats().size()));
    find<SegmentedControl>(u"tables.page"_s)->setCurrentIndex(static_cast<int>(TablesPage::models));
    tables()->flush();
    EXPECT_EQ(find<TableSheet>(u"tables.inference"_s)->model()->rowCount(), 7);
    EXPECT_TRUE(find<QComboBox>(u"tables.set"_s)->isVisible());
    EXPECT_FALSE(find<QComboBox>(u"tables.table"_s)->isVisible());
}

/// A long table keeps its headings in sight and can be scrolled both ways.
TEST_F(TablesTest, TheCatalogueScrollsUnderItsHeadings)
{
    open();
    trigger(u"help.hardware"_s);
    tables()->flush();
    tables()->resize(1000, 600);
    settle();
    const auto* table = find<TableSheet>(u"tables.accelerators"_s);
    EXPECT_LE(table->height(), 600);
    EXPECT_TRUE(table->header()->isVisible());
    EXPECT_GT(table->verticalScrollBar()->maximum(), 0);
    EXPECT_GT(table->horizontalScrollBar()->maximum(), 0);
}

TEST_F(TablesTest, ACatalogueIsWrittenAsItIsSorted)
{
    open();
    trigger(u"help.hardware"_s);
    tables()->flush();
    Q_EMIT find<TableSheet>(u"tables.accelerators"_s)->header()->sectionClicked(7); // bandwidth
    Q_EMIT find<TableSheet>(u"tables.accelerators"_s)->header()->sectionClicked(7);
    const QString first = cell(u"tables.accelerators"_s, 0, 0);
    nextPath = folder.filePath(u"accelerators.csv"_s);
    find<QPushButton>(u"tables.csv"_s)->click();
    const QByteArray csv = written();
    EXPECT_TRUE(csv.startsWith("name,architecture,"));
    EXPECT_EQ(csv.split('\n').at(1).split(',').front(), first.toUtf8());
    nextPath = folder.filePath(u"accelerators.md"_s);
    find<QPushButton>(u"tables.md"_s)->click();
    EXPECT_TRUE(written().startsWith("### Accelerators"));
}

TEST_F(TablesTest, BookRulesAreAChoice)
{
    openTables();
    const QString detailed = cell(u"tables.inference"_s, 1, 2);
    find<QCheckBox>(u"tables.book"_s)->setChecked(true);
    tables()->flush();
    EXPECT_NE(cell(u"tables.inference"_s, 1, 2), detailed);
}

TEST_F(TablesTest, SortAndExport)
{
    openTables();
    Q_EMIT find<TableSheet>(u"tables.inference"_s)->header()->sectionClicked(0);
    EXPECT_EQ(cell(u"tables.inference"_s, 0, 0), u"DeepSeek-V3"_s);
    nextPath = folder.filePath(u"tables.csv"_s);
    find<QPushButton>(u"tables.csv"_s)->click();
    const QByteArray csv = written(); // in the order that is shown
    EXPECT_LT(csv.indexOf("\r\nDeepSeek-V3,671"), csv.indexOf("\r\nMistral-7B-v0.1,724"));
    EXPECT_TRUE(csv.contains("DeepSeek-V3,61,"));
    nextPath = folder.filePath(u"tables.md"_s);
    find<QPushButton>(u"tables.md"_s)->click();
    EXPECT_TRUE(written().contains("### KV cache, one request"));
}

TEST_F(TablesTest, CloseWithTheMainWindow)
{
    openTables();
    window->close();
    EXPECT_TRUE(tables() == nullptr || !tables()->isVisible());
}

} // namespace weighbridge::test
