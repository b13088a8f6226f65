#pragma once

#include "core/answers/reference_tables.h"
#include "core/report/reference_report.h"
#include "ui/accuracy/accuracy_window.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QScrollArea;

namespace weighbridge {

class ElidedLabel;
class TableSheet;
class SegmentedControl;

/// What the window shows, in the order of its choices.
enum class TablesPage
{
    models,    ///< inference by precision, KV cache, training and LoRA for a set of models
    hardware,  ///< the catalogue of accelerators and systems, with its sources
    precision, ///< number formats and quantization schemes, with their sources
};

/// Help > Reference Tables, Hardware Table and Precision Guide. A click on a heading sorts. Beside the window, never in
/// its way.
class TablesWindow : public QWidget
{
    Q_OBJECT

public:
    /// `current` is the window's own model, the third of the sets.
    TablesWindow(SavePathAsker askPath, ModelPointer current, ByteUnit unit, QWidget* parent = nullptr);

    /// Shows the window at that page, with this model and unit.
    void present(TablesPage page, ModelPointer current, ByteUnit unit);
    /// Works out at once what is pending; for tests.
    void flush();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildTop();
    QWidget* buildBottom();
    void compute();
    void computeModels();
    void computeCatalogue();
    QStringList wanted() const;
    TablesPage page() const;
    void pageChosen();
    void dropTables();
    std::vector<ModelPointer> chosenModels();
    const std::vector<ModelPointer>& presets();
    void showReport();
    void makeTables();
    void exportAs(const QString& filter, const QString& ending, bool markdown);
    void style();

    /// A table with its words.
    struct Section
    {
        QLabel* title = nullptr;
        QLabel* note = nullptr;
        TableSheet* table = nullptr;
    };

    SavePathAsker askPath_;
    ModelPointer current_;
    ByteUnit unit_;
    std::vector<ModelPointer> presets_;
    std::vector<Table> report_;
    std::vector<Section> sections_;
    QTimer pending_;
    SegmentedControl* page_ = nullptr;
    QWidget* models_ = nullptr;  ///< what only the tables of models are chosen by
    QComboBox* table_ = nullptr; ///< which of the tables of hardware or precision
    QComboBox* set_ = nullptr;
    QLineEdit* filter_ = nullptr;
    QCheckBox* book_ = nullptr;
    ElidedLabel* message_ = nullptr;
    QScrollArea* area_ = nullptr;
};

} // namespace weighbridge
