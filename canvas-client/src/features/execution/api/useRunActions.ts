import { useMutation } from "urql";

import { describeError } from "@/graphql";
import { toast } from "@/ui";

import { CancelExecutionDocument, DeleteExecutionDocument } from "./documents";

/** What can be done to a run. What came of it is told; what cannot be done is, too. */
export function useRunActions(executionId: string, onDeleted: () => void) {
  const [{ fetching: cancelling }, executeCancel] = useMutation(CancelExecutionDocument);
  const [{ fetching: deleting }, executeDelete] = useMutation(DeleteExecutionDocument);

  const cancel = async () => {
    const { data, error } = await executeCancel({ executionId });
    if (error) toast(`The run was not cancelled: ${describeError(error)}`, { tone: "error" });
    else if (data?.cancelExecution?.execution.status === "RUNNING")
      toast("The run is being cancelled: its steps are stopped.");
    else toast("The run is cancelled.");
  };

  const remove = async () => {
    const { error } = await executeDelete({ executionId });
    if (error) {
      toast(`The run was not deleted: ${describeError(error)}`, { tone: "error" });
      return;
    }
    toast("The run is deleted, with its trace and its files.");
    onDeleted();
  };

  return { cancelling, deleting, cancel: () => void cancel(), remove: () => void remove() };
}
