#pragma once

#include "ui/form/field_note.h"
#include "ui/form/line_edit.h"

#include <QPushButton>
#include <QWidget>

class QVBoxLayout;

namespace weighbridge {

class ModelSource;
struct SourceStatus;

/// The Hugging Face ID, its button, and below them how the fetch is going.
class HubRow : public QWidget
{
    Q_OBJECT

public:
    HubRow(ModelSource& source, QWidget* parent = nullptr);

    LineEdit* edit() const { return edit_; }
    QPushButton* button() const { return button_; }

Q_SIGNALS:
    void fetchWanted(const QString& text);
    void tokenWanted();

private:
    void showStatus();
    void onButton();
    void showFiles(const SourceStatus& status);
    void showOffers();
    QPushButton* action();
    QPushButton* familyOffer(qsizetype index);

    ModelSource& source_;
    LineEdit* edit_;
    QPushButton* button_;
    QVBoxLayout* layout_;
    FieldNote* note_ = nullptr;
    QPushButton* action_ = nullptr;
    QPushButton* files_ = nullptr;     ///< opens a menu; null until there are GGUF files to choose from
    QList<QPushButton*> familyOffers_; ///< above `action_`
};

} // namespace weighbridge
